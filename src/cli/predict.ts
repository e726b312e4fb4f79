import type { Command } from "commander";
import type { Prediction } from "../serving/index.js";
import { addInputOptions, type InputOptions, readInputs } from "./input.js";
import { addExamples } from "./option.js";

/** `cladmop predict`: the main job. */
export function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .description("Predict the outcome of trials: P(success) with its interval and reasons.")
    .argument(
      "<inputs...>",
      "ClinicalTrials.gov API v2 JSON or NDJSON (also .gz), TOP CSV, a folder of .json files, or - for standard input",
    )
    .option("--json", "print one JSON object a trial, without reasons: they take longer", false);
  addInputOptions(command).action(predict);
  addExamples(command, {
    "cladmop predict examples/trials.json": "a table of the example trials",
    "cladmop predict studies.ndjson.gz --json > predictions.ndjson": "for a program to read",
    "curl -s https://clinicaltrials.gov/api/v2/studies/NCT04280705 | cladmop predict -":
      "a registered trial, straight from the registry",
    "cladmop predict drafts.csv --skip-invalid --model runs/finetune/model": "a model of your own",
  });
}

async function predict(
  inputs: string[],
  { json, ...options }: InputOptions & { readonly json: boolean },
): Promise<void> {
  const records = await readInputs(inputs, options);
  const trials = records.map(({ trial }) => trial);
  const { loadPredictor, SHIPPED_MODEL } = await import("../serving/index.js");
  const { ask } = await import("./ask.js");
  const { warnOfSeen } = await import("./seen.js");
  const predictor = await loadPredictor(options.model ?? SHIPPED_MODEL, options);
  warnOfSeen(predictor, records);
  const predictions: Prediction[] = [];
  for await (const prediction of ask(predictor, trials, { reasons: !json })) {
    if (json) console.log(toJson(prediction));
    else predictions.push(prediction);
  }
  await predictor.release();
  if (!json) {
    const { predictionTable } = await import("./prediction-table.js");
    const { columns: width = 100, isTTY: colour = false } = process.stdout;
    console.log(predictionTable(predictions, { width, colour }));
  }
}

/** The keys that programs may rely on. */
function toJson({ nctId, phase, probability, interval, molecules, missing }: Prediction): string {
  return JSON.stringify({ nctId, phase, probability, interval, molecules, missing });
}
