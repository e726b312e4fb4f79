// Which share of real trials does splitEligibility take apart into both parts? Prints it by source,
// with the share that needed the wording of statements because no heading opens the exclusions, and
// the share without any heading. Usage: node bench/eligibility.js (needs ../shared/data, built dist).
import Table from "cli-table3";
import { readText } from "../dist/base/file.js";
import { dataPath } from "../dist/base/test-data.js";
import { parseBlocks } from "../dist/trial/blocks.js";
import { headingOf, splitAtHeadings } from "../dist/trial/headings.js";
import { readTrials, splitEligibility } from "../dist/trial/index.js";

const TOP = [
  "phase_I_train",
  "phase_I_valid",
  "phase_I_test",
  "phase_II_train_partial",
  "phase_II_valid",
  "phase_III_train_partial",
  "phase_III_valid",
  "other_successful",
];

function* texts() {
  for (const line of readText(dataPath("text/criteria.ndjson.gz")).split("\n")) {
    if (line === "") continue;
    const { source, eligibilityCriteria } = JSON.parse(line);
    yield { source: `criteria: ${source}`, text: eligibilityCriteria };
  }
  for (const name of TOP) {
    for (const { trial } of readTrials(dataPath(`top/${name}.csv`)).records) {
      yield { source: `TOP: ${name}`, text: trial.eligibilityCriteria };
    }
  }
}

const hasExclusionHeading = (text) =>
  parseBlocks(text)
    .flatMap(splitAtHeadings)
    .some((block) => headingOf(block)?.part === "exclusion");

const counts = new Map();
for (const { source, text } of texts()) {
  const { inclusion, exclusion, headed } = splitEligibility(text);
  const both = inclusion.length > 0 && exclusion.length > 0;
  for (const key of [source, "all"]) {
    const count = counts.get(key) ?? { n: 0, both: 0, worded: 0, in: 0, ex: 0, unheaded: 0 };
    counts.set(key, count);
    count.n++;
    count.both += both;
    count.worded += both && !hasExclusionHeading(text);
    count.in += inclusion.length > 0 && !both;
    count.ex += exclusion.length > 0 && !both;
    count.unheaded += !headed;
  }
}

const table = new Table({
  head: [
    "source",
    "trials",
    "both parts",
    "both by wording",
    "inclusion only",
    "exclusion only",
    "no heading",
  ],
  style: { head: [], border: [] },
});
const all = counts.get("all");
counts.delete("all");
for (const [source, count] of [...counts, ["all", all]]) {
  const share = (value) => `${((100 * value) / count.n).toFixed(1)} %`;
  table.push([
    source,
    count.n,
    share(count.both),
    share(count.worded),
    share(count.in),
    share(count.ex),
    share(count.unheaded),
  ]);
}
console.log(table.toString());
