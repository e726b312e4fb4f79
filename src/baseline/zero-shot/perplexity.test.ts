import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cpu } from "../../graph/index.js";
import { loadLikelihood } from "../../language/index.js";
import { writeRandomEncoder } from "../../language/test-support.js";
import { perplexity } from "./perplexity.js";
import { rankContext, rankedTrial } from "./test-support.js";

const cache = mkdtempSync(join(tmpdir(), "cladmop-perplexity-"));
after(() => rmSync(cache, { recursive: true }));
const encoder = join(cache, "encoder");
const TEXTS = [
  "- Age of 18 years or more",
  "- No asthma",
  "- Creatinine clearance above 60 mL/min",
];
writeRandomEncoder(encoder, TEXTS, { width: 8, blocks: 1, context: 64 });
const trials = TEXTS.map((text, i) => rankedTrial({ nctId: `NCT${i}`, text }));

test("scores are minus the mean loss; a stopped run goes on where it was", async () => {
  let reports = 0;
  const report = () => {
    reports++;
  };
  const watcher = { report, say() {}, stopping: () => reports > 2 };
  const context = rankContext({ encoder, cache, watcher });
  await assert.rejects(perplexity.rank(trials, context), { name: "Interrupted" });
  const file = join(cache, "perplexity.ndjson");
  assert.equal(readFileSync(file, "utf8").trim().split("\n").length, 2);

  const scorer = loadLikelihood(encoder, cpu(1));
  const expected: number[] = [];
  for (const text of TEXTS) expected.push(-(await scorer.meanLoss(text)));
  await scorer.release();
  const whole = rankContext({ encoder, cache });
  assert.deepEqual([...(await perplexity.rank(trials, whole)).scores], expected);

  // What is kept is not computed again.
  const kept = readFileSync(file, "utf8");
  writeFileSync(file, kept.replace(/"value":[\d.]+/, '"value":123'));
  assert.equal((await perplexity.rank(trials, whole)).scores[0], -123);
});

test("a trial without criteria is refused by name", async () => {
  await assert.rejects(
    perplexity.rank([rankedTrial({ text: "" })], rankContext({ encoder, cache })),
    /NCT1 has no eligibility criteria/,
  );
});
