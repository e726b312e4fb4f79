import { dirname, isAbsolute, join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { TASKS } from "./result.js";
import { Variant } from "./variant.js";

const files = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());
const names = z.array(z.string().min(1)).min(1);
const whole = z.number().int().nonnegative();

const Dataset = z.strictObject({
  train: files,
  /** Without it, the last 15 % of the training trials by NCT number are the validation trials. */
  valid: files.optional(),
  test: files,
});

const Experiment = z.strictObject({
  task: z.enum(TASKS),
  datasets: names.optional(),
  methods: names,
  seeds: z.array(whole).min(1).optional(),
  /** Few-shot: trials of either outcome. */
  shots: z.array(z.number().int().positive()).min(1).optional(),
  /** New diseases: ICD-10 chapters to leave out, such as "C00-D49"; by default those with enough trials. */
  chapters: names.optional(),
});
export type Experiment = z.infer<typeof Experiment>;

const Config = z.strictObject({
  /** Folder of the language encoder. */
  encoder: z.string(),
  drugs: z.string().optional(),
  conditions: z.string().optional(),
  datasets: z.record(z.string(), Dataset),
  pretraining: z.strictObject({
    trials: files.default([]),
    studies: files.default([]),
    approved: z.string().exactOptional(),
    /** Labelled trials beyond those of the data sets that must not be seen either. */
    exclude: files.default([]),
  }),
  seeds: z.array(whole).min(1),
  /** Our own methods by name, and how each is built. */
  models: z.record(z.string(), Variant),
  experiments: z.array(Experiment).min(1),
});
export type BenchmarkConfig = z.infer<typeof Config>;
export type Dataset = z.infer<typeof Dataset>;

/**
 * Reads a benchmark's configuration, YAML or JSON; its paths are relative to the file.
 * @throws InputError naming the line or the field
 */
export function readConfig(file: string): BenchmarkConfig {
  const document = parseDocument(readText(file), { merge: true });
  const [fault] = document.errors;
  if (fault)
    throw new InputError(`is not YAML: ${fault.message}`, {
      file,
      ...(fault.linePos && { row: fault.linePos[0].line }),
      remedy: "Repair that line",
    });
  const parsed = Config.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(issue!.message, {
      file,
      field: issue!.path.join("."),
      remedy: "See benchmarks/top.yaml for what a configuration holds",
    });
  }
  const config = parsed.data;
  const at = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const all = (paths: readonly string[]) => paths.map(at);
  for (const [i, { datasets = [], task, shots }] of config.experiments.entries()) {
    const fail = (field: string, problem: string, remedy: string) =>
      new InputError(problem, { file, field: `experiments.${i}.${field}`, remedy });
    for (const name of datasets)
      if (!(name in config.datasets))
        throw fail("datasets", `"${name}" is no data set`, "Name one of those under datasets");
    if ((task === "few-shot") !== (shots !== undefined))
      throw fail(
        "shots",
        "belongs to few-shot experiments, and each of them needs it",
        "Mend that",
      );
  }
  return {
    ...config,
    encoder: at(config.encoder),
    ...(config.drugs && { drugs: at(config.drugs) }),
    ...(config.conditions && { conditions: at(config.conditions) }),
    datasets: Object.fromEntries(
      Object.entries(config.datasets).map(([name, { train, valid, test }]) => [
        name,
        { train: all(train), ...(valid && { valid: all(valid) }), test: all(test) },
      ]),
    ),
    pretraining: {
      trials: all(config.pretraining.trials),
      studies: all(config.pretraining.studies),
      ...(config.pretraining.approved && { approved: at(config.pretraining.approved) }),
      exclude: all(config.pretraining.exclude),
    },
  };
}
