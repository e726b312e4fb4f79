/** Windows are padded to a multiple of this many tokens: few sessions, little padding. */
export const BUCKET = 64;

/** A window of a long text: tokens from `start` to before `end`, those from `fresh` on not seen yet. */
export interface Window {
  readonly start: number;
  readonly end: number;
  readonly fresh: number;
}

/**
 * Windows of at most `context` tokens that cover a text of `length` tokens, so that a long text is
 * never cut. Each shares its first `overlap` tokens with the one before, which gives the fresh
 * tokens something to look back on.
 */
export function windowsOf(length: number, context: number, overlap: number): Window[] {
  const windows: Window[] = [];
  for (let start = 0, fresh = 0; fresh < length; start = fresh - overlap) {
    const end = Math.min(length, start + context);
    windows.push({ start, end, fresh });
    fresh = end;
  }
  return windows;
}
