import type { Command } from "commander";
import type { predictBatch } from "../serving/batch.js";
import type { Explanation } from "../serving/index.js";
import { addInputOptions, type InputOptions, readInputs } from "./input.js";
import { addExamples, count, queueOption } from "./option.js";

interface Options extends InputOptions {
  readonly json: boolean;
  readonly out?: string;
  readonly jobs: number;
  readonly queue?: string;
  readonly shared?: string;
}

/** `cladmop predict`: the main job. */
export function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .description("Predict the outcome of trials: P(success) with its interval and reasons.")
    .argument(
      "<inputs...>",
      "ClinicalTrials.gov API v2 JSON or NDJSON (also .gz), TOP CSV, a folder of .json files, or - for standard input",
    )
    .option("--json", "print one JSON object a trial, without reasons: they take longer", false)
    .option(
      "--out <file>",
      "write these objects into a file: for any number of trials, and a stopped run goes on when it is run again",
    )
    .option(
      "--jobs <n>",
      "lots of trials that are predicted at the same time, with --out",
      count,
      1,
    )
    .addOption(queueOption("with --out and --shared: predict on the workers at this queue:"))
    .option(
      "--shared <place>",
      "folder that every machine has under the same path, or s3://bucket/prefix: what goes to the workers and comes back",
    );
  addInputOptions(command).action(predict);
  addExamples(command, {
    "cladmop predict examples/trials.json": "a table of the example trials",
    "cladmop predict studies.ndjson.gz --json > predictions.ndjson": "for a program to read",
    "cladmop predict studies.ndjson.gz --out predictions.ndjson --queue redis://10.0.0.5 --shared /mnt/shared/predict":
      "on the machines that run cladmop worker",
    "curl -s https://clinicaltrials.gov/api/v2/studies/NCT04280705 | cladmop predict -":
      "a registered trial, straight from the registry",
    "cladmop predict drafts.csv --skip-invalid --model runs/finetune/model": "a model of your own",
  });
}

async function predict(inputs: string[], options: Options): Promise<void> {
  if (options.out !== undefined) return predictInto(options.out, inputs, options);
  const { InputError } = await import("../base/error.js");
  for (const name of ["queue", "shared"] as const)
    if (options[name] !== undefined)
      throw new InputError("is given without a file for the predictions", {
        field: `--${name}`,
        remedy: "Name it with --out",
      });
  const { json } = options;
  const records = await readInputs(inputs, options);
  const trials = records.map(({ trial }) => trial);
  const { loadPredictor, predictionLine, SHIPPED_MODEL } = await import("../serving/index.js");
  const { ask, askWhy } = await import("./ask.js");
  const { warnOfSeen } = await import("./seen.js");
  const predictor = await loadPredictor(options.model ?? SHIPPED_MODEL, options);
  warnOfSeen(predictor, records);
  const explanations: Explanation[] = [];
  if (json) for await (const one of ask(predictor, trials)) console.log(predictionLine(one));
  else for await (const one of askWhy(predictor, trials)) explanations.push(one);
  await predictor.release();
  if (!json) {
    const { predictionTable } = await import("./prediction-table.js");
    const { columns: width = 100, isTTY: colour = false } = process.stdout;
    console.log(predictionTable(explanations, { width, colour }));
  }
}

/** Predicts in lots, which workers may take. */
async function predictInto(
  out: string,
  inputs: string[],
  { json: _, ...options }: Options,
): Promise<void> {
  if (options.queue !== undefined && options.shared === undefined) {
    const { InputError } = await import("../base/error.js");
    throw new InputError("is given without a place that the workers see, too", {
      field: "--queue",
      remedy: "Name a folder or a bucket with --shared",
    });
  }
  const { inThread } = await import("./in-thread.js");
  const { trials, failures, warning } = await inThread<typeof predictBatch>(
    new URL("../serving/batch.js", import.meta.url),
    "predictBatch",
    { ...options, out, inputs },
  );
  if (warning !== undefined) process.stderr.write(`Warning: ${warning}\n`);
  if (failures.length === 0) {
    console.log(`${out}: ${trials} trials`);
    return;
  }
  for (const failure of failures) process.stderr.write(`Failed: ${failure}\n`);
  process.stderr.write(`${out} is not written. Run the command again: what is predicted is kept\n`);
  process.exitCode = 1;
}
