import type { Command } from "commander";
import { addInputOptions, type InputOptions, readInputs } from "./input.js";
import { addExamples, seedOption } from "./option.js";

/** `cladmop evaluate`: figures of merit on labelled trials. */
export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .description("Measure a model on labelled trials, beside always predicting success.")
    .argument("<top.csv>", "TOP CSV with labels")
    .option("--json", "print one JSON object", false)
    .option(
      "--keep",
      "add figures, calibration and ROC curve to evaluations.json of the model's folder: its card in the service shows them",
      false,
    );
  addInputOptions(command).addOption(seedOption()).action(evaluateModel);
  addExamples(command, {
    "cladmop evaluate phase_I_test.csv": "the shipped model",
    "cladmop evaluate phase_I_test.csv --model runs/finetune/model --json": "for a program to read",
    "cladmop evaluate phase_I_test.csv --model runs/finetune/model --keep": "for the model's card",
  });
}

interface Options extends InputOptions {
  readonly json: boolean;
  readonly keep: boolean;
  readonly seed: number;
}

async function evaluateModel(
  file: string,
  { json, keep, seed, ...options }: Options,
): Promise<void> {
  const records = await readInputs([file], options, { requireLabel: true });
  const { loadPredictor, SHIPPED_MODEL } = await import("../serving/index.js");
  const { ask } = await import("./ask.js");
  const { warnOfSeen } = await import("./seen.js");
  const { InputError } = await import("../base/error.js");
  const { positivesOfBoth } = await import("../base/labels.js");
  const { evaluate, evaluateAllPositive, evaluationTable } = await import("../evaluation/index.js");

  const labels = records.map(({ outcome }) => outcome.label!);
  try {
    positivesOfBoth(labels);
  } catch (error) {
    throw error instanceof InputError ? error.at({ file }) : error;
  }
  const model = options.model ?? SHIPPED_MODEL;
  const predictor = await loadPredictor(model, options);
  const warning = warnOfSeen(predictor, records);
  const trials = records.map(({ trial }) => trial);
  const probabilities: number[] = [];
  for await (const { probability } of ask(predictor, trials)) probabilities.push(probability);
  await predictor.release();

  const { threshold } = predictor.card;
  const result = evaluate({ labels, probabilities, threshold, seed });
  if (keep) {
    const { keepEvaluation } = await import("../serving/evaluations.js");
    const evaluated = { file, labels, probabilities, result, note: warning };
    const kept = keepEvaluation(model, predictor.card, evaluated);
    process.stderr.write(`Kept in ${kept}\n`);
  }
  if (json) {
    const { binarisedPrAuc: _, ...figures } = result;
    console.log(JSON.stringify({ ...figures, seed, model }));
  } else {
    const always = { model: "always success", result: evaluateAllPositive(labels, seed) };
    console.log(`${result.n} trials, ${result.positives} of them successful`);
    console.log(evaluationTable([{ model, result }, always]));
  }
}
