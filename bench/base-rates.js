// Writes the base rates of each phase into the card of a model that was fitted before `finetune` did so, from
// the very files that the card names (by their hashes) and the trials that it was trained on.
//
//   npm run build && node bench/base-rates.js ../shared/data/top [--model models/top]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readCard, readUnaltered, writeCard } from "../dist/model/index.js";
import { baseRatesOf } from "../dist/training/finetune.js";
import { readSeen } from "../dist/training/seen.js";
import { readTrials } from "../dist/trial/index.js";

const { values, positionals } = parseArgs({
  options: { model: { type: "string", default: "models/top" } },
  allowPositionals: true,
});
const card = readCard(values.model, "model");
const files = Object.entries(card.data).filter(([name]) => name.endsWith(".csv"));
const left = new Set(readSeen(values.model, card.trials).training);
const training = [];
for (const [name, hash] of files) {
  const file = join(positionals[0], name);
  readUnaltered(file, hash);
  for (const { trial, outcome } of readTrials(file, { requireLabel: true }).records)
    if (left.delete(trial.nctId)) training.push({ phase: trial.phase, label: outcome.label });
}
const successes = training.filter(({ label }) => label === 1).length;
if (left.size > 0 || Math.abs(successes / training.length - card.baseRate) > 1e-12)
  throw new Error(`not the trials of the card: ${left.size} are missing`);
const baseRates = baseRatesOf(training);
const entries = Object.entries(card)
  .filter(([name]) => name !== "cardSha256" && name !== "baseRates")
  .flatMap((entry) => (entry[0] === "baseRate" ? [entry, ["baseRates", baseRates]] : [entry]));
writeCard(values.model, "model", Object.fromEntries(entries));
console.log(JSON.parse(readFileSync(join(values.model, "model.json"), "utf8")).baseRates);
