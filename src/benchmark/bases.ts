import { existsSync } from "node:fs";
import { join } from "node:path";
import { readText, writeWhole } from "../base/file.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";
import { Interrupted } from "../base/watcher.js";
import {
  createGrouper,
  type DiseaseTable,
  diseaseTable,
  type Grouped,
  levelsIn,
  readModel,
} from "../model/index.js";
import { statesOf } from "../training/encode.js";
import { type BaseCard, pretrain } from "../training/pretrain.js";
import type { Context, Part } from "./context.js";
import type { Base } from "./grid.js";

const PARTS: readonly Part[] = ["train", "valid", "test"];
/** Texts grouped in one run. */
const BATCH = 16;

/** The frozen parts that cells stand on. */
export interface LoadedBase {
  readonly table: DiseaseTable;
  /** Empty where there was no pre-training. */
  readonly parameters: ReadonlyMap<string, TensorData>;
}

/**
 * Pre-trains a base where it is to be, and groups the hidden states of every labelled trial with it.
 * @throws InputError on bad input, Interrupted if the watcher stops it; pre-training goes on from its
 *   checkpoint the next time
 */
export async function makeBase({ id, spec }: Base, context: Context): Promise<void> {
  const folder = context.folder("bases", id);
  const { options, watcher } = context;
  const { config, preset, seed } = spec;
  let parameters: ReadonlyMap<string, TensorData> = new Map();
  let diseases: readonly string[];
  if (spec.pretrained) {
    const out = join(folder, "pretraining");
    await pretrain(
      {
        ...options,
        ...context.sctSources(),
        ...context.vocabularies,
        encoder: options.config.encoder,
        preset,
        config,
        share: spec.sct,
        seed,
        out,
        resume: true,
      },
      watcher,
    );
    const base = readModel<BaseCard>(out, "base");
    parameters = base.parameters;
    diseases = base.card.diseases;
  } else {
    const splits = await Promise.all(
      Object.keys(options.config.datasets).map((name) => context.splits(name)),
    );
    diseases = [
      ...diseaseTable(
        splits.flatMap(({ train }) => train.trials.map(({ features }) => features)),
      ).keys(),
    ];
  }
  const { encoder, store } = await context.encoder(preset);
  const grouper = await createGrouper(config, parameters, {
    depth: encoder.width,
    batch: BATCH,
    processor: options,
    seed,
  });
  for (const name of Object.keys(options.config.datasets)) {
    const splits = await context.splits(name);
    const tensors = new Map<string, TensorData>();
    for (const part of PARTS) {
      const { trials } = splits[part];
      const levels = config.levels.map(() => new Float32Array(trials.length * sizeOf(config)));
      for (let first = 0; first < trials.length; first += BATCH) {
        if (watcher.stopping()) throw new Interrupted(folder, "by running the command again");
        watcher.report({ stage: `Grouping ${name}, ${part}`, done: first, total: trials.length });
        const texts = trials.slice(first, first + BATCH).map(({ features }) => features.text);
        const grouped = await grouper.group(levelsIn(config, preset, statesOf(store, texts)));
        grouped.forEach((one, i) => {
          one.forEach((values, level) => {
            levels[level]!.set(values, (first + i) * sizeOf(config));
          });
        });
      }
      levels.forEach((data, level) => {
        tensors.set(`${part}.${level}`, { shape: [trials.length, sizeOf(config)], data });
      });
    }
    writeSafetensors(groupsFile(folder, name), tensors, { dtype: "F16" });
  }
  await grouper.release();
  writeWhole(join(folder, "table.json"), JSON.stringify(diseases));
}

const sizeOf = ({ centroids, width }: Base["spec"]["config"]): number => centroids.at(-1)! * width;
const groupsFile = (folder: string, dataset: string) => join(folder, `${dataset}.safetensors`);

/** Whether {@link makeBase} has made a base, in the benchmark's folder. */
export const isMade = ({ id }: Base, out: string): boolean =>
  existsSync(join(out, "bases", id, "table.json"));

/** Reads what {@link makeBase} made. @throws InputError if a file is missing or damaged */
export function loadBase({ id, spec }: Base, context: Context): LoadedBase {
  const folder = context.folder("bases", id);
  const diseases = JSON.parse(readText(join(folder, "table.json"))) as string[];
  return {
    table: new Map(diseases.map((token, i) => [token, i + 1])),
    parameters: spec.pretrained
      ? readModel<BaseCard>(join(folder, "pretraining"), "base").parameters
      : new Map(),
  };
}

/** Grouped tokens of a data set's trials, split by split. @throws InputError if the file is damaged */
export function loadGroups(
  { id, spec }: Base,
  dataset: string,
  context: Context,
): Record<Part, Grouped[]> {
  const { tensors } = readSafetensors(groupsFile(context.folder("bases", id), dataset));
  const size = sizeOf(spec.config);
  const of = (part: Part): Grouped[] => {
    const levels = spec.config.levels.map((_, level) => tensors.get(`${part}.${level}`)!);
    return Array.from({ length: levels[0]!.shape[0]! }, (_, row) =>
      levels.map(({ data }) => data.subarray(row * size, (row + 1) * size)),
    );
  };
  return { train: of("train"), valid: of("valid"), test: of("test") };
}
