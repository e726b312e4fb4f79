import { Graph, nextName } from "./graph.js";
import type { Processor } from "./processor.js";
import { compile, floats, type Results, type Session, Value } from "./session.js";
import type { ElementType, Shape } from "./tensor.js";

/** Float32 numbers and their shape. */
interface Numbers {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * Values that stay where they are computed with, such as in the memory of a graphics card, so that a run
 * brings there only what is new. Any session of the processor can be fed with them.
 */
export interface Resident {
  readonly feeds: Readonly<Record<string, Value>>;
  /** Puts what a run gave under {@link nextName} in the place of the values, which are let go. */
  replace(results: Results): void;
  /** Brings the numbers of all values back. @throws Error if one is not float32 */
  fetch(): Promise<Map<string, { shape: number[]; data: Float32Array }>>;
  /** Lets the values go: before the release of a session that gave them. */
  release(): Promise<void>;
}

/** Brings values to a processor, to stay there. */
export async function upload(
  values: ReadonlyMap<string, Numbers | Value>,
  processor: Processor,
): Promise<Resident> {
  const feeds: Record<string, Value> = {};
  for (const [name, value] of values)
    feeds[name] = "dims" in value ? value : new Value("float32", value.data, value.shape);
  // A graph that copies is the only way into the memory of a card, and the only safe one out of it.
  const copies = processor.device === "webgpu";
  const into = copies ? await copying(feeds, nextName, processor) : undefined;
  let out: Session | undefined;
  const replace = (results: Results) => {
    for (const [name, old] of Object.entries(feeds)) {
      feeds[name] = results[nextName(name)]!;
      if (old.location !== "cpu") old.dispose();
    }
  };
  if (into) replace(await into.run(feeds));
  return {
    feeds,
    replace,
    async fetch() {
      let fetched: Results = feeds;
      if (copies) {
        out ??= await copying(feeds, fetchedName, processor);
        const results = await out.run(feeds);
        fetched = Object.fromEntries(
          Object.keys(feeds).map((name) => [name, results[fetchedName(name)]!]),
        );
      }
      return new Map(
        Object.entries(fetched).map(([name, value]) => [
          name,
          { shape: [...value.dims], data: floats(value) },
        ]),
      );
    },
    async release() {
      for (const value of Object.values(feeds)) if (value.location !== "cpu") value.dispose();
      await into?.release();
      await out?.release();
    },
  };
}

const fetchedName = (name: string) => `${name}.fetched`;

/** A graph that gives what it is fed with, under other names. */
function copying(
  values: Readonly<Record<string, Value>>,
  rename: (name: string) => string,
  processor: Processor,
): Promise<Session> {
  const graph = new Graph();
  for (const [name, { dims, type }] of Object.entries(values))
    graph.output(rename(name), graph.input(name, dims, type as ElementType));
  return compile(graph, processor);
}
