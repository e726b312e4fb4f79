import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "./random.js";

/** A failure that may pass by itself: what failed is worth another attempt. */
export class Transient extends Error {
  /** Milliseconds after which the other side asks to try again, where it says so. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super(message);
    this.name = "Transient";
    this.retryAfter = retryAfter;
  }
}

export interface RetryOptions {
  /** How often it is tried, the first time included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; they double before each further one. */
  readonly firstWait: number;
  /** Milliseconds that are waited at most; who asks for a longer wait is given up. */
  readonly longestWait: number;
  /** Called some times a second while waiting; what it throws ends the waiting. */
  readonly check?: () => void;
  /** Whether a failed attempt got further than those before it: then the count begins anew. */
  readonly gained?: () => boolean;
  /** Called before each wait, of so many milliseconds. */
  readonly onWait?: (failure: Transient, wait: number) => void;
}

/**
 * What an action gives, tried again with exponential back-off while it throws {@link Transient}. Waits
 * are shortened by up to half at random, so that many clients do not come back at once; one that the
 * other side asks for takes their place.
 * @throws the last Transient, anything else the action throws, and what `check` throws
 */
export async function retry<T>(action: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, firstWait, longestWait, check, gained, onWait } = options;
  const jitter = new Random("jitter", process.pid, Date.now());
  for (let made = 1; ; made++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      if (gained?.()) made = 1;
      if (made >= attempts) throw error;
      const doubled = Math.min(longestWait, firstWait * 2 ** (made - 1));
      const wait = error.retryAfter ?? doubled * (1 - jitter.uniform() / 2);
      if (wait > longestWait) throw error;
      onWait?.(error, wait);
      await pause(wait, check);
    }
  }
}

/** Milliseconds between two calls of a pause's check. */
const STEP = 200;

/** Waits so many milliseconds. @throws what `check` throws, called at once and some times a second */
export async function pause(time: number, check?: () => void): Promise<void> {
  let left = time;
  do {
    check?.();
    await sleep(Math.min(STEP, left));
    left -= STEP;
  } while (left > 0);
}
