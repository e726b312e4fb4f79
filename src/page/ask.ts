import { useEffect, useState } from "preact/hooks";
import { isGivenUp } from "./problem.js";

/** Something asked, and what is known of it. */
export interface Asked<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly isBusy: boolean;
  again(): void;
}

/**
 * Asks whenever one of the keys changes, and gives up what it asked before: an answer that comes late is dropped. The last
 * value stays while a new one is awaited, unless `ask` is undefined: then nothing is asked.
 */
export function useAsked<T>(
  ask: ((signal: AbortSignal) => Promise<T>) | undefined,
  keys: readonly unknown[],
  delay = 0,
): Asked<T> {
  const [state, setState] = useState<Omit<Asked<T>, "again">>({
    value: undefined,
    error: undefined,
    isBusy: ask !== undefined,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (ask === undefined) {
      setState({ value: undefined, error: undefined, isBusy: false });
      return;
    }
    const stop = new AbortController();
    setState(({ value }) => ({ value, error: undefined, isBusy: true }));
    const timer = setTimeout(async () => {
      try {
        const value = await ask(stop.signal);
        if (!stop.signal.aborted) setState({ value, error: undefined, isBusy: false });
      } catch (error) {
        if (!stop.signal.aborted && !isGivenUp(error))
          setState(({ value }) => ({ value, error, isBusy: false }));
      }
    }, delay);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [...keys, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
}
