import { join } from "node:path";
import { z } from "zod";
import { InputError, messageOf } from "../base/error.js";
import { exists, readText } from "../base/file.js";
import { checkAs, parseAs } from "../base/json.js";
import {
  cast,
  compile,
  cpu,
  type ElementType,
  float16Bits,
  Graph,
  loadOnnx,
  type OnnxSession,
  type Processor,
  type Results,
  type Session,
  show,
  type Tensor,
  Value,
} from "../graph/index.js";
import type { ModelOutline } from "./architecture.js";
import { count, PADDING, padTokenOf } from "./fields.js";
import type { Forward } from "./forward.js";
import { type Level, outputLevels } from "./level.js";
import { INDEX, WHOLE } from "./weight-files.js";
import { LONGEST_WINDOW } from "./window.js";

/** The file of a model that is ready to run, and where it is too large for one, that of its weights. */
const MODEL = "model.onnx";
const DATA = "model.onnx_data";
const REMEDY = "Export the model with its hidden states, as Optimum does with output_hidden_states";

/** Whether a folder holds a model to run as it is: it has no safetensors. */
export const isOnnx = (folder: string): boolean =>
  exists(join(folder, MODEL)) && ![WHOLE, INDEX].some((name) => exists(join(folder, name)));

/** The names of the files of a folder that hold the model. */
export const onnxFiles = (folder: string): string[] =>
  [MODEL, DATA].filter((name) => exists(join(folder, name)));

/** Older architectures' names of fields that are the same. */
const NAMES: Readonly<Record<string, string>> = {
  n_embd: "hidden_size",
  dim: "hidden_size",
  n_layer: "num_hidden_layers",
  n_layers: "num_hidden_layers",
  n_positions: "max_position_embeddings",
};
const FIELDS = z.object({
  ...PADDING,
  model_type: z.string(),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  max_position_embeddings: count,
});

/**
 * What a config.json of any architecture says about a model that is ready to run.
 * @throws InputError naming the field that is at fault
 */
export function readOutline(file: string): ModelOutline {
  const place = { file, remedy: "Give the config.json that the model was exported with" };
  const fields = parseAs(z.record(z.string(), z.unknown()), readText(file), place);
  const renamed = Object.entries(fields).map(([name, value]) => [NAMES[name] ?? name, value]);
  const config = checkAs(FIELDS, Object.fromEntries(renamed), place);
  return {
    type: config.model_type,
    blocks: config.num_hidden_layers,
    width: config.hidden_size,
    context: Math.min(config.max_position_embeddings, LONGEST_WINDOW),
    vocabulary: config.vocab_size,
    padToken: padTokenOf(config),
  };
}

/** The inputs that a model may ask for [B, T], each a function of a token's place. */
const INPUTS: Readonly<
  Record<string, (ids: Int32Array, present: Float32Array, length: number) => (i: number) => number>
> = {
  input_ids: (ids) => (i) => ids[i]!,
  attention_mask: (_, present) => (i) => present[i]!,
  token_type_ids: () => () => 0,
  position_ids: (_, __, length) => (i) => i % length,
};

/**
 * The forward pass of a folder's `model.onnx`, whose outputs `hidden_states.1`, … are the states after each
 * block (of most decoders the last is normalised).
 * @throws InputError at the first run, if the file is damaged or lacks an output, or asks for another input
 */
export function onnxForward(
  folder: string,
  { width }: ModelOutline,
  levels: readonly Level[],
  processor: Processor,
): Forward {
  const file = join(folder, MODEL);
  const fail = (problem: string, field?: string) =>
    new InputError(problem, { file, field, remedy: REMEDY });
  const blocks = new Set(
    levels.flatMap(({ from, to, state }) =>
      state === "last" ? [to] : Array.from({ length: to - from + 1 }, (_, i) => from + i),
    ),
  );
  const outputs = [...blocks].map(nameOf);

  // The states come back to the processor, which makes float16 of them; not every device can.
  const maker = cpu(processor.threads);
  let model: Promise<OnnxSession> | undefined;
  async function open(): Promise<OnnxSession> {
    let session: OnnxSession;
    try {
      session = await loadOnnx(file, processor);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw fail(`cannot be loaded: ${messageOf(error)}`);
    }
    for (const name of session.inputNames)
      if (!Object.hasOwn(INPUTS, name)) throw fail("is an input that nothing is known about", name);
    for (const name of outputs)
      if (!session.outputNames.includes(name)) throw fail("is missing from the outputs", name);
    return session;
  }

  /** Makes levels of the model's outputs, for each size and number format of them. */
  const makers = new Map<string, Promise<Session>>();
  const makerFor = (shape: readonly [number, number, number], type: ElementType) => {
    const key = `${show(shape)} ${type}`;
    let session = makers.get(key);
    if (!session) {
      const graph = new Graph();
      const states: Tensor[] = [];
      for (const block of blocks)
        states[block - 1] = cast(graph.input(nameOf(block), shape, type), "float32");
      outputLevels(graph, levels, states);
      session = compile(graph, maker);
      makers.set(key, session);
    }
    return session;
  };

  return {
    async run(ids, present, batch) {
      model ??= open();
      const running = await model;
      const length = ids.length / batch;
      const feeds: Record<string, Value> = {};
      for (const name of running.inputNames) {
        const at = INPUTS[name]!(ids, present, length);
        const values = BigInt64Array.from(ids, (_, i) => BigInt(at(i)));
        feeds[name] = new Value("int64", values, [batch, length]);
      }
      let states: Results;
      try {
        states = (await running.run(feeds, outputs)) as Results;
      } catch (error) {
        throw fail(`does not run on ${batch} × ${length} tokens: ${messageOf(error)}`);
      }
      const shape = [batch, length, width] as const;
      for (const name of outputs) {
        const { type, dims } = states[name]!;
        if (!["float32", "float16"].includes(type) || show(dims) !== show(shape))
          throw fail(`is ${type} of shape ${show(dims)}, not float32 of ${show(shape)}`, name);
      }
      const session = await makerFor(shape, states[outputs[0]!]!.type as ElementType);
      const results = await session.run(states);
      return levels.map((_, level) => float16Bits(results[`level${level}`]));
    },
    async release() {
      for (const maker of makers.values()) await (await maker).release();
      makers.clear();
      await (await model)?.release();
      model = undefined;
    },
  };
}

const nameOf = (block: number): string => `hidden_states.${block}`;
