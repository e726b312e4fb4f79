import type { Pacing } from "./redis.js";

/** Seconds become tenths, for tests. */
export const FAKE_PACING: Pacing = {
  look: 50,
  lock: 1500,
  retry: 50,
  refused: 100,
  gone: 1500,
  late: 500,
};
