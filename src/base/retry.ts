import { setTimeout as sleep } from "node:timers/promises";

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
}

/** Milliseconds between two calls of {@link RetryOptions.check}. */
const STEP = 200;

/**
 * What an action gives, tried again with exponential back-off while it throws {@link Transient}; a
 * wait that the other side asks for takes the place of ours.
 * @throws the last Transient, anything else the action throws, and what `check` throws
 */
export async function retry<T>(action: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, firstWait, longestWait, check } = options;
  for (let made = 1; ; made++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Transient) || made >= attempts) throw error;
      const wait = error.retryAfter ?? Math.min(longestWait, firstWait * 2 ** (made - 1));
      if (wait > longestWait) throw error;
      for (let left = wait; left > 0; left -= STEP) {
        check?.();
        await sleep(Math.min(STEP, left));
      }
    }
  }
}
