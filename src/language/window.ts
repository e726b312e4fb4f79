/** Windows are padded to a multiple of this many tokens: few sessions, little padding. */
export const BUCKET = 32;

/** Windows are no longer, whatever a model allows: memory grows with the square of their length. */
export const LONGEST_WINDOW = 2048;

/** What one run of the model reads, and whose states it gives. */
export interface Reading {
  readonly ids: readonly number[];
  /** The first of its states that is kept. */
  readonly row: number;
  /** The first token of the document whose state it is, and how many follow. */
  readonly at: number;
  readonly count: number;
}

/**
 * What is read of a document, its start tokens included, in windows that look back a quarter of what fits.
 * Where the tokenizer puts nothing after a text, the windows are cut from one stream. Where it does, each is
 * a text of its own between start and end tokens, and of these only the states of the first start are kept.
 */
export function readingsOf(
  document: readonly number[],
  { start, end }: { readonly start: readonly number[]; readonly end: readonly number[] },
  context: number,
): Reading[] {
  const before = end.length > 0 ? start : [];
  const room = context - before.length - end.length;
  return windowsOf(document.length, room, Math.floor(room / 4)).map((window) => {
    const head = window.start > 0 ? before : [];
    return {
      ids: [...head, ...document.slice(window.start, window.end), ...end],
      row: head.length + window.fresh - window.start,
      at: window.fresh,
      count: window.end - window.fresh,
    };
  });
}

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
