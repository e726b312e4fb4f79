import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Watcher } from "../base/watcher.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import { describeTrial, loadResources } from "../model/index.js";
import { type MadeUpTrial, madeUpTrials, topCsv } from "../serving/test-support.js";
import { readSplits } from "./data.js";

const silent: Watcher = { report() {}, say() {}, stopping: () => false };
const folder = mkdtempSync(join(tmpdir(), "cladmop-data-"));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, trials: readonly MadeUpTrial[]) => {
  writeFileSync(join(folder, name), topCsv(trials));
  return join(folder, name);
};
const resources = await loadResources(SHIPPED_VOCABULARY, SHIPPED_CONDITIONS);
const idsOf = ({ trials }: { trials: readonly { features: { nctId: string } }[] }) =>
  trials.map(({ features }) => features.nctId);

const [some, more] = [madeUpTrials(13, 2000), madeUpTrials(7, 1000)];
const test1 = write("test.csv", madeUpTrials(6, 3000));
const files = { train: [write("some.csv", some), write("more.csv", more)], test: [test1] };

test("the splits are the files' trials in their order, as the model reads them", () => {
  const validation = madeUpTrials(4, 500);
  const splits = readSplits(
    { ...files, valid: [write("valid.csv", validation)] },
    resources,
    silent,
  );
  const given = [...some, ...more];
  assert.deepEqual(
    idsOf(splits.train),
    given.map(({ nctId }) => nctId),
  );
  assert.deepEqual(
    splits.train.labels,
    given.map(({ label }) => label),
  );
  assert.deepEqual([splits.train.file, splits.valid.file], ["some.csv + more.csv", "valid.csv"]);
  const { record, features } = splits.valid.trials[2]!;
  assert.equal(record.trial.nctId, validation[2]!.nctId);
  assert.deepEqual(features, describeTrial(record.trial, resources));
});

test("without a file, one in five training trials of either outcome validate, always the same", () => {
  const { train, valid, test } = readSplits(files, resources, silent);
  const all = [...more, ...some];
  assert.deepEqual([...idsOf(train), ...idsOf(valid)].sort(), all.map(({ nctId }) => nctId).sort());
  assert.equal(valid.trials.length, 4);
  // Of 9 successes and 11 failures.
  assert.deepEqual([...valid.labels].sort(), [0, 0, 0, 1]);
  assert.equal(valid.file, "some.csv + more.csv, one in 5");
  const labels = new Map(all.map(({ nctId, label }) => [nctId, label]));
  for (const split of [train, valid])
    assert.deepEqual(
      split.labels,
      idsOf(split).map((nctId) => labels.get(nctId)),
    );
  assert.deepEqual(idsOf(readSplits(files, resources, silent).valid), idsOf(valid));
  assert.equal(test.trials.length, 6);
});

test("a trial in two splits is refused by its number and the files", () => {
  const one = { ...files, train: [files.train[0]!] };
  const valid = [write("valid.csv", [...madeUpTrials(4, 500), some[5]!])];
  assert.throws(() => readSplits({ ...one, valid }, resources, silent), {
    name: "InputError",
    message: /^valid\.csv, field "nctid": NCT00002005 is in some\.csv, too\. Remove it from one/,
  });
  const scored = [write("scored.csv", [...madeUpTrials(4, 3000), some[12]!])];
  assert.throws(() => readSplits({ ...one, test: scored }, resources, silent), {
    message: /^scored\.csv, .* NCT00002012 is in some\.csv(, one in 5)?, too\./,
  });
});

test("training files of several phases are pooled: each trial once, none that validates or is scored", () => {
  const said: string[] = [];
  const again = write("again.csv", [...more, some[0]!]);
  const { train } = readSplits(
    {
      train: [files.train[0]!, again],
      valid: [write("valid.csv", [...madeUpTrials(4, 500), some[5]!])],
      test: [write("scored.csv", [...madeUpTrials(4, 3000), more[1]!])],
    },
    resources,
    { ...silent, say: (line) => said.push(line) },
  );
  const left = [...some, ...more].filter((trial) => trial !== some[5] && trial !== more[1]);
  assert.deepEqual(
    idsOf(train),
    left.map(({ nctId }) => nctId),
  );
  assert.match(said.join(), /^3 training trials are left out/);
});

test("a split of one outcome and one without labels are refused by the file's name", () => {
  const failed = (trial: MadeUpTrial): MadeUpTrial => ({ ...trial, label: 0 });
  const valid = [write("failed.csv", madeUpTrials(4, 500).map(failed))];
  assert.throws(() => readSplits({ ...files, valid }, resources, silent), {
    name: "InputError",
    message: /^failed\.csv, field "label": all 4 labels are 0\. Give trials of both outcomes/,
  });
  writeFileSync(join(folder, "unlabelled.csv"), topCsv(some).replace(",1,phase", ",,phase"));
  assert.throws(
    () => readSplits({ ...files, test: [join(folder, "unlabelled.csv")] }, resources, silent),
    {
      name: "InputError",
      message: /unlabelled\.csv, row 2, field "label"/,
    },
  );
});
