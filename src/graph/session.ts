import { InferenceSession, Tensor as Value } from "onnxruntime-node";
import type { Graph } from "./graph.js";
import { show, sizeOf, type Tensor } from "./tensor.js";

export { Value };
/** An ONNX file that others have written, ready to run. */
export type OnnxSession = InferenceSession;
/** Numbers for an input; float16 as the bits of each number. */
export type Numbers = Float32Array | Int32Array | Uint16Array;
export type Feed = Numbers | Value;
export type Results = Readonly<Record<string, Value>>;

/** A graph made ready to run. `run` blocks the thread: long work belongs in a worker thread. */
export interface Session {
  /** @throws Error naming the input that is missing, superfluous or of the wrong type or size. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Results>;
  release(): Promise<void>;
}

/** Compiles a graph for the CPU. @param threads threads for each operation. */
export async function compile(graph: Graph, threads: number): Promise<Session> {
  const session = await InferenceSession.create(graph.toOnnx(), optionsFor(threads));
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  return {
    async run(feeds) {
      const values: Record<string, Value> = {};
      for (const [name, feed] of Object.entries(feeds)) {
        const input = inputs.get(name);
        if (!input) throw new Error(`run: the graph has no input "${name}"`);
        values[name] = toValue(input, feed);
      }
      for (const name of inputs.keys())
        if (!(name in values)) throw new Error(`run: the input "${name}" is missing`);
      return (await session.run(values)) as Results;
    },
    release: () => session.release(),
  };
}

/** Loads an ONNX file that others have written. @throws Error if it is damaged */
export const loadOnnx = (path: string, threads: number): Promise<OnnxSession> =>
  InferenceSession.create(path, optionsFor(threads));

const optionsFor = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
  logSeverityLevel: 3,
});

/**
 * One session of graphs that differ in the sizes of their inputs: a run goes to the one whose input of the
 * given name has the size of what is fed. Each is built and compiled when it is first needed.
 * @param builds size of that input → its graph
 */
export function compileBySize(
  name: string,
  builds: ReadonlyMap<number, () => Graph>,
  threads: number,
): Session {
  const sessions = new Map<number, Promise<Session>>();
  return {
    async run(feeds) {
      const feed = feeds[name];
      if (!feed) throw new Error(`run: the input "${name}" is missing`);
      const size = ArrayBuffer.isView(feed) ? feed.length : sizeOf(feed.dims);
      const build = builds.get(size);
      if (!build) throw new Error(`run: no graph has an input "${name}" of ${size} numbers`);
      const session = sessions.get(size) ?? compile(build(), threads);
      sessions.set(size, session);
      return (await session).run(feeds);
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}

function toValue({ name, shape, type }: Tensor, feed: Feed): Value {
  const wanted = `run: "${name}", ${type} of shape ${show(shape)}, was fed`;
  if (!ArrayBuffer.isView(feed)) {
    if (feed.type !== type || show(feed.dims) !== show(shape))
      throw new Error(`${wanted} ${feed.type} of shape ${show(feed.dims)}`);
    return feed;
  }
  if (feed.length !== sizeOf(shape)) throw new Error(`${wanted} ${feed.length} numbers`);
  try {
    return new Value(type, feed, shape);
  } catch {
    throw new Error(`${wanted} a ${feed.constructor.name}`);
  }
}

/** The float32 numbers of a result. @throws Error if it holds another type. */
export function floats(value: Value | undefined): Float32Array {
  if (!(value?.data instanceof Float32Array)) throw new Error("floats: no float32 result");
  return value.data;
}

/** The bits of the float16 numbers of a result. @throws Error if it holds another type. */
export function float16Bits(value: Value | undefined): Uint16Array {
  if (value?.type !== "float16") throw new Error("float16Bits: no float16 result");
  // Newer versions of Node give a Float16Array, older ones the bits themselves.
  const { buffer, byteOffset, length } = value.data as unknown as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}
