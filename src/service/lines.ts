import type { IncomingMessage } from "node:http";
import { TextDecoder } from "node:util";
import type { App } from "./context.js";
import { Problem, wrongField } from "./problem.js";

export const LINES_TYPE = "application/x-ndjson";

/** The body of a request in lines, read as they are asked for. */
export class Lines {
  constructor(
    private readonly body: IncomingMessage,
    private readonly limits: { readonly body: number; readonly lines: number },
  ) {}

  /**
   * Lines that are not empty: their text, or why they cannot be read.
   * What follows a line that is too long, or one line too many, is not read.
   */
  async *read(): AsyncGenerator<string | Problem> {
    const { body: most, lines } = this.limits;
    let parts: Buffer[] = [];
    let length = 0;
    let count = 0;
    const take = (): string | Problem | undefined => {
      const bytes = Buffer.concat(parts);
      parts = [];
      length = 0;
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
        return text === "" ? undefined : text;
      } catch {
        return wrongField("", "Is not UTF-8");
      }
    };
    for await (const chunk of this.body as AsyncIterable<Buffer>) {
      let start = 0;
      while (start < chunk.length) {
        const end = chunk.indexOf(10, start);
        const part = chunk.subarray(start, end < 0 ? chunk.length : end);
        parts.push(part);
        length += part.length;
        start = end < 0 ? chunk.length : end + 1;
        if (length > most) {
          yield new Problem(
            "too-large",
            `The line is longer than ${most} bytes; the rest is not read`,
          );
          return;
        }
        if (end < 0) continue;
        const line = take();
        if (line === undefined) continue;
        if (++count > lines) {
          yield new Problem("too-large", `More than ${lines} lines; the rest is not read`);
          return;
        }
        yield line;
      }
    }
    const last = take();
    if (last !== undefined)
      yield ++count > lines ? new Problem("too-large", `More than ${lines} lines`) : last;
  }
}

/** Lines as the body of the routes that are added to this scope. */
export function takeLines(
  app: App,
  limits: { readonly body: number; readonly lines: number },
): void {
  app.addContentTypeParser(LINES_TYPE, (_, body: IncomingMessage, done) =>
    done(null, new Lines(body, limits)),
  );
}

/** One thing after another that is being computed. */
interface Ahead<T> {
  readonly promise: Promise<T>;
  settled: boolean;
}

/**
 * Computes what comes in, at most `most` at a time, and gives what is done, in order, as many as are done at once.
 * The source is read no further while nobody takes what is done.
 */
export async function* inOrder<In, Out>(
  source: AsyncIterable<In>,
  compute: (one: In, index: number) => Promise<Out>,
  most: number,
): AsyncGenerator<Out[]> {
  const ahead: Ahead<Out>[] = [];
  const iterator = source[Symbol.asyncIterator]();
  let index = 0;
  let reading: Promise<IteratorResult<In>> | undefined;
  let ended = false;
  try {
    while (!ended || ahead.length > 0) {
      if (!ended && ahead.length < most) reading ??= iterator.next();
      const first = ahead[0];
      const read = ahead.length < most ? reading : undefined;
      const next = await Promise.race([
        ...(read ? [read.then((result) => ({ result }))] : []),
        ...(first ? [first.promise.then(() => ({ result: undefined }))] : []),
      ]);
      if (next.result !== undefined) {
        reading = undefined;
        if (next.result.done) ended = true;
        else {
          const one: Ahead<Out> = { promise: compute(next.result.value, index++), settled: false };
          const settle = () => {
            one.settled = true;
          };
          one.promise.then(settle, settle);
          ahead.push(one);
        }
        continue;
      }
      const unsettled = ahead.findIndex(({ settled }) => !settled);
      const done = ahead.splice(0, unsettled < 0 ? ahead.length : unsettled);
      yield await Promise.all(done.map(({ promise }) => promise));
    }
  } finally {
    reading?.catch(() => {});
    await iterator.return?.();
  }
}
