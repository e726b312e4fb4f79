// Are attributions faithful? Statements are deleted from real validation trials, and the rest is asked about as a trial
// of its own: how far does P(success) move without the k statements that an explanation calls strongest (all of the
// direction that is stronger in the trial), and without k drawn at random? And does a statement's attribution say
// what its deletion alone does?
//
//   node bench/attribution.js [--trials 24] [--draws 4] [--threads 2] [--data ../shared/data/top/phase_I_valid.csv]
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Random } from "../dist/base/random.js";
import { dataPath } from "../dist/base/test-data.js";
import { loadPredictor, SHIPPED_MODEL } from "../dist/serving/index.js";
import { deleted, strongestPlaces } from "../dist/serving/test-deletion.js";
import { readTrials, statementsOf } from "../dist/trial/index.js";

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "24" },
    draws: { type: "string", default: "4" },
    threads: { type: "string", default: "2" },
    data: { type: "string", default: dataPath("top/phase_I_valid.csv") },
  },
});
const EXAMPLES = fileURLToPath(new URL("../examples/trials.json", import.meta.url));
const file = existsSync(options.data) ? options.data : EXAMPLES;
const all = readTrials(file, {}).records.map(({ trial }) => trial);
const count = Math.min(all.length, Number(options.trials));
const trials = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
const predictor = await loadPredictor(SHIPPED_MODEL, {
  device: "cpu",
  threads: Number(options.threads),
});
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const KS = [1, 3, 5];
const moves = new Map(KS.map((k) => [k, { strongest: [], random: [] }]));
const [said, done] = [[], []];
for (const trial of trials) {
  const { prediction, attributions } = await predictor.explain(trial);
  const { statements } = statementsOf(trial.eligibilityCriteria);
  const effects = attributions.slice(0, statements.length).map(({ effect }) => effect);
  // Where neighbours share an attribution, it is of none of them alone.
  if (attributions.some(({ text }, i) => i < statements.length && text !== statements[i].text))
    continue;
  const move = async (places) => {
    const [changed] = await predictor.predict([deleted(trial, places)]);
    return 100 * (prediction.probability - changed.probability);
  };
  const random = new Random("bench/attribution", trial.nctId);
  const one = random.integer(statements.length);
  said.push(effects[one]);
  done.push(await move([one]));
  for (const k of KS) {
    if (statements.length < 2 * k) continue;
    const { strongest, random: chance } = moves.get(k);
    strongest.push(Math.abs(await move(strongestPlaces(effects, k))));
    for (let draw = 0; draw < Number(options.draws); draw++)
      chance.push(Math.abs(await move([...random.permutation(statements.length)].slice(0, k))));
  }
}
await predictor.release();

function correlation(a, b) {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - meanA) * (b[i] - meanB)));
  return (
    product / Math.sqrt(mean(a.map((x) => (x - meanA) ** 2)) * mean(b.map((x) => (x - meanB) ** 2)))
  );
}
const table = new Table({
  head: ["statements deleted", "strongest", "at random", "ratio"],
  style: { head: [], border: [] },
});
for (const [k, { strongest, random }] of moves) {
  const [high, low] = [mean(strongest), mean(random)];
  table.push([k, high.toFixed(2), low.toFixed(2), (high / low).toFixed(1)]);
}
console.log(`${file}: ${said.length} trials; mean |move| of P(success) in percentage points`);
console.log(table.toString());
console.log(
  `Attribution and deletion of one statement at random: correlation ${correlation(said, done).toFixed(4)}`,
);
