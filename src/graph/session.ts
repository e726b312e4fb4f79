import { InputError } from "../base/error.js";
import { fromFloat16, toFloat16 } from "../base/float16.js";
import { Graph, nextName } from "./graph.js";
import { deviceError, type Processor } from "./processor.js";
import { InferenceSession, requireLibraries, Value } from "./runtime.js";
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
  readonly processor: Processor;
  /** @throws Error naming the input that is missing, superfluous or of the wrong type or size. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Results>;
  release(): Promise<void>;
}

/** How a session lives beside others. */
export interface Neighbours {
  /**
   * Whether no other session runs in turns with it. Its threads then spin between two runs, which a neighbour would
   * pay for, and it keeps the memory of its largest run. Sessions that run in turns take theirs from one heap: many
   * that keep their own hold gigabytes, of which a run needs a few megabytes.
   */
  readonly alone?: boolean;
}

/**
 * Compiles a graph for a processor. On a device all of it runs there: a graph with an operation that cannot
 * is refused. What comes back under {@link nextName} of an input stays there, see {@link upload}. Not every
 * device has float16: there it is float32.
 * @throws InputError naming what the device lacks
 */
export async function compile(
  graph: Graph,
  processor: Processor,
  { alone = true }: Neighbours = {},
): Promise<Session> {
  const kept = graph.inputs
    .map(({ name }) => nextName(name))
    .filter((name) => graph.outputs.has(name));
  const float16 = processor.device === "cpu";
  const session = await create(graph.toOnnx({ float16 }), processor, {
    extra: {
      session:
        processor.device === "cpu"
          ? { intra_op: { allow_spinning: alone ? "1" : "0" } }
          : { disable_cpu_ep_fallback: "1" },
    },
    ...(processor.device === "cpu" &&
      !alone && { enableCpuMemArena: false, enableMemPattern: false }),
    // The binding keeps nothing in a card's memory by CUDA.
    ...(processor.device === "webgpu" && {
      preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, "gpu-buffer"])),
    }),
  });
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  return {
    processor,
    async run(feeds) {
      const values: Record<string, Value> = {};
      for (const [name, feed] of Object.entries(feeds)) {
        const input = inputs.get(name);
        if (!input) throw new Error(`run: the graph has no input "${name}"`);
        values[name] =
          feed instanceof Uint16Array && input.type === "float16" && !float16
            ? toValue({ ...input, type: "float32" }, fromFloat16(feed))
            : toValue(input, feed);
      }
      for (const name of inputs.keys())
        if (!(name in values)) throw new Error(`run: the input "${name}" is missing`);
      return (await session.run(values)) as Results;
    },
    release: () => session.release(),
  };
}

/**
 * Loads an ONNX file that others have written; operations that a device lacks run on the CPU.
 * @throws Error if it is damaged, InputError naming what the device lacks
 */
export const loadOnnx = (path: string, processor: Processor): Promise<OnnxSession> =>
  create(path, processor);

/**
 * Opens a device, as a look before long work.
 * @param jobs threads of the process that are to compute on it at the same time
 * @throws InputError naming what it lacks, or if so many threads cannot
 */
export async function requireDevice(processor: Processor, jobs = 1): Promise<void> {
  if (processor.device === "webgpu" && jobs > 1)
    throw new InputError("two threads cannot compute by WebGPU at the same time", {
      field: "--jobs",
      remedy: "Give --jobs 1 with --device webgpu",
    });
  const graph = new Graph();
  graph.output("y", graph.input("x", [1]));
  await (await compile(graph, processor)).release();
}

async function create(
  model: string | Uint8Array,
  processor: Processor,
  more: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  requireLibraries(processor.device);
  const options: InferenceSession.SessionOptions = {
    executionProviders: [processor.device],
    intraOpNumThreads: processor.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: processor.device === "cpu" ? 3 : 4, // what goes wrong is thrown, too
    ...more,
  };
  try {
    return await (typeof model === "string"
      ? InferenceSession.create(model, options)
      : InferenceSession.create(model, options));
  } catch (error) {
    throw deviceError(error, processor);
  }
}

/**
 * One session of graphs that differ in the sizes of their inputs: a run goes to the one whose input of the
 * given name has the size of what is fed. Each is built and compiled when it is first needed.
 * @param builds size of that input → its graph
 * @param neighbours where more sessions than these run in turns
 */
export function compileBySize(
  name: string,
  builds: ReadonlyMap<number, () => Graph>,
  processor: Processor,
  neighbours: Neighbours = {},
): Session {
  const sessions = new Map<number, Promise<Session>>();
  return {
    processor,
    async run(feeds) {
      const feed = feeds[name];
      if (!feed) throw new Error(`run: the input "${name}" is missing`);
      const size = ArrayBuffer.isView(feed) ? feed.length : sizeOf(feed.dims);
      const build = builds.get(size);
      if (!build) throw new Error(`run: no graph has an input "${name}" of ${size} numbers`);
      const session = sessions.get(size) ?? compile(build(), processor, neighbours);
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

/** The bits of a result in float16; float32 is rounded to it. @throws Error if it holds another type. */
export function float16Bits(value: Value | undefined): Uint16Array {
  if (value?.type === "float32") return toFloat16(floats(value));
  if (value?.type !== "float16") throw new Error("float16Bits: no float16 result");
  // Newer versions of Node give a Float16Array, older ones the bits themselves.
  const { buffer, byteOffset, length } = value.data as unknown as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}
