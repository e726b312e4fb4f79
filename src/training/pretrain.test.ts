import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import { cpu } from "../graph/index.js";
import { madeUpTrial } from "../model/test-support.js";
import { PADDING } from "../model/tokens.js";
import { pretrain, rankingFeeds, splitTrials } from "./pretrain.js";

const trials = Array.from({ length: 2000 }, (_, i) => ({
  ...madeUpTrial(0).features,
  nctId: `NCT${i}`,
  known: true,
}));
const idsOf = (some: readonly { nctId: string }[]) => some.map(({ nctId }) => nctId);

test("a smaller share's trials are among a larger one's, and the held-out trials are the same", () => {
  const [whole, heldOut] = splitTrials(trials, 1);
  assert.equal(whole.length + heldOut.length, 2000);
  assert.ok(Math.abs(heldOut.length - 100) < 40, `${heldOut.length}`); // one in 20, ± 4 deviations
  let larger = new Set(idsOf(whole));
  assert.ok(idsOf(heldOut).every((id) => !larger.has(id)));
  for (const share of [0.5, 0.3, 0.1]) {
    const [learned, held] = splitTrials(trials, share);
    assert.ok(Math.abs(learned.length / whole.length - share) < 0.05, `${learned.length}`);
    assert.ok(idsOf(learned).every((id) => larger.has(id)));
    assert.deepEqual(held, heldOut);
    larger = new Set(idsOf(learned));
  }
});

test("the same trials are held out whatever else is chosen", () => {
  const [, heldOut] = splitTrials(trials, 1);
  const [, among] = splitTrials(trials.slice(0, 1000), 1);
  assert.deepEqual(
    idsOf(among),
    idsOf(heldOut).filter((id) => Number(id.slice(3)) < 1000),
  );
});

const feedsOf = (...known: boolean[]) =>
  rankingFeeds(known.map((one, i) => ({ ...trials[i]!, known: one })));

test("a known success competes with the trials that are not known to be, and with itself", () => {
  const { rivals, counts } = feedsOf(true, false, true);
  const not = PADDING;
  assert.deepEqual([...(counts as Float32Array)], [1, 0, 1]);
  assert.deepEqual(
    [...(rivals as Float32Array)],
    [
      ...[0, 0, not],
      ...[not, 0, not], // of a row that does not count
      ...[not, 0, 0],
    ],
  );
});

test("a batch without a known success has a loss of zero, not of nothing by nothing", () => {
  const { rivals, counts } = feedsOf(false, false);
  assert.deepEqual([...(counts as Float32Array)], [1, 1]);
  assert.deepEqual([...(rivals as Float32Array)], [0, PADDING, PADDING, 0]);
});

test("trials that are all excluded are told as such", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-pretrain-"));
  const file = join(folder, "trials.csv");
  const header = "nctid,label,phase,diseases,icdcodes,drugs,smiless,criteria";
  writeFileSync(file, `${header}\nNCT1,1,phase 1,['gout'],[],['colchicine'],[],Adults\n`);
  const options = {
    trials: [file],
    studies: [],
    exclude: [file],
    excludeDrugs: false,
    skipInvalid: false,
    drugs: SHIPPED_VOCABULARY,
    conditions: SHIPPED_CONDITIONS,
    encoder: folder, // never read
    preset: "default",
    cache: folder,
    cacheLimit: 1,
    seed: 1,
    ...cpu(1),
    out: join(folder, "run"),
    resume: false,
  } as const;
  const watcher = { report() {}, say() {}, stopping: () => false };
  await assert.rejects(pretrain(options, watcher), {
    name: "InputError",
    message: /or exclude less: .* are needed\. Left out: 1 in an excluded split$/,
  });
  rmSync(folder, { recursive: true });
});
