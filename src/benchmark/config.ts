import { dirname, isAbsolute, join } from "node:path";
import { type Document, isCollection, parseDocument, visit, type YAMLError } from "yaml";
import { z } from "zod";
import { InputError, messageOf } from "../base/error.js";
import { readText } from "../base/file.js";
import { checkAs } from "../base/json.js";
import { BASELINES } from "../baseline/index.js";
import { RANKERS } from "../baseline/zero-shot/index.js";
import { CHAPTERS } from "../disease/index.js";
import { isHubName } from "../language/index.js";
import { TASKS } from "./result.js";
import { Variant } from "./variant.js";

const files = z
  .union([z.string(), z.array(z.string())], "expected a path or a list of paths")
  .transform((given) => [given].flat());
const someFiles = files.refine(({ length }) => length > 0, "names no file");
const names = z.array(z.string().min(1)).min(1);
const whole = z.number().int().nonnegative();

const Dataset = z.strictObject({
  train: someFiles,
  /** Without it, one in five of the training trials of either outcome validate. */
  valid: someFiles.optional(),
  test: someFiles,
});

const Experiment = z.strictObject({
  task: z.enum(TASKS),
  datasets: names.optional(),
  methods: names,
  seeds: z.array(whole).min(1).optional(),
  /** Few-shot: trials of either outcome. */
  shots: z.array(z.number().int().positive()).min(1).optional(),
  /** New diseases: ICD-10 chapters to leave out, such as "C00-D49"; by default those with enough trials. */
  chapters: z
    .array(z.enum(CHAPTERS.map(({ range }) => range)))
    .min(1)
    .optional(),
});
export type Experiment = z.infer<typeof Experiment>;

const Fields = z.strictObject({
  /** Folder of the language encoder, or name of one on a hub. */
  encoder: z.string(),
  drugs: z.string().optional(),
  conditions: z.string().optional(),
  datasets: z
    .record(z.string(), Dataset)
    .refine((all) => Object.keys(all).length > 0, "names no data set"),
  /** Successful trials, where a model is pre-trained or a ranking reads them. */
  pretraining: z
    .strictObject({
      trials: files.default([]),
      studies: files.default([]),
      approved: z.string().exactOptional(),
      /** Labelled trials beyond those of the data sets that must not be seen either. */
      exclude: files.default([]),
    })
    .prefault({}),
  seeds: z.array(whole).min(1),
  /** Our own methods by name, and how each is built. */
  models: z.record(z.string(), Variant).default({}),
  experiments: z.array(Experiment).min(1),
});
export type BenchmarkConfig = z.infer<typeof Fields>;
export type Dataset = z.infer<typeof Dataset>;

/** Methods of a task beside our own, by name. */
const othersOf = (task: Experiment["task"]): string[] =>
  task === "zero-shot" ? RANKERS.map(({ name }) => name) : [...BASELINES.keys()];

/** Experiments name what is there, and ask for what their task has. */
const Config = Fields.superRefine(({ datasets, models, experiments, pretraining }, context) => {
  const pretrained = experiments
    .flatMap(({ methods }) => methods)
    .find((method) => models[method]?.pretrained);
  if (pretrained !== undefined && pretraining.trials.length + pretraining.studies.length === 0)
    context.addIssue({
      code: "custom",
      path: ["pretraining"],
      message: `"${pretrained}" is pre-trained: name trials or studies to pre-train on, or set pretrained: false`,
    });
  for (const [i, { task, methods, shots, chapters, ...experiment }] of experiments.entries()) {
    const fail = (field: keyof Experiment, message: string) =>
      context.addIssue({ code: "custom", path: ["experiments", i, field], message });
    for (const name of experiment.datasets ?? [])
      if (!Object.hasOwn(datasets, name))
        fail(
          "datasets",
          `"${name}" is no data set: name one of ${Object.keys(datasets).join(", ")}`,
        );
    const known = [...Object.keys(models), ...othersOf(task)];
    for (const method of methods)
      if (!known.includes(method))
        fail("methods", `"${method}" is no method of ${task}: name one of ${known.join(", ")}`);
    if (task === "few-shot" && !shots)
      fail("shots", "is missing: say how many trials of either outcome, such as [1, 4]");
    if (task !== "few-shot" && shots) fail("shots", "is for few-shot alone: remove it");
    if (task !== "new-disease" && chapters) fail("chapters", "is for new-disease alone: remove it");
    if (task === "zero-shot" || task === "few-shot")
      for (const method of methods)
        if (models[method]?.inputs || models[method]?.shuffled)
          fail(
            "methods",
            `"${method}" hides inputs, but ${task} scores are of a base that sees all: move it to a supervised experiment`,
          );
  }
});

/**
 * Reads a benchmark's configuration, YAML or JSON; its paths are relative to the file.
 * @throws InputError naming the line or the field
 */
export function readConfig(file: string): BenchmarkConfig {
  const config = checkAs(Config, readYaml(file), {
    file,
    remedy: "See benchmarks/top.yaml for what a configuration holds",
  });
  const at = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const all = (paths: readonly string[]) => paths.map(at);
  return {
    ...config,
    encoder: isHubName(config.encoder, at(config.encoder)) ? config.encoder : at(config.encoder),
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

/** @throws InputError naming the line */
function readYaml(file: string): unknown {
  const text = readText(file);
  const document = parseDocument(text, { merge: true });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault)
    throw new InputError(`is not YAML: ${fault.message.split(" at line ")[0]}`, {
      file,
      row: text.slice(0, startOf(fault, document)).split("\n").length,
      remedy: "Repair that line",
    });
  try {
    return document.toJS();
  } catch (error) {
    throw new InputError(`is not YAML: ${messageOf(error)}`, {
      file,
      remedy: "Set each anchor (&) before its aliases (*), and merge (<<) maps alone",
    });
  }
}

/** Where a fault begins: of a bracket or quote that is not closed the parser tells where it gave up waiting. */
function startOf({ code, pos: [end] }: YAMLError, document: Document): number {
  let start = end;
  if (code === "BAD_INDENT" || code === "MISSING_CHAR")
    visit(document, {
      Node(_, node) {
        const isOpen = !isCollection(node) || node.flow;
        if (isOpen && node.range?.[1] === end) [start] = node.range;
      },
    });
  return start;
}
