import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { InputError } from "../base/error.js";
import type { Progress, Watcher } from "../base/watcher.js";
import { parseStudy, toStudy } from "./ctgov.js";
import { readTrials } from "./read.js";
import type { TrialRecord } from "./record.js";
import { streamTrials, watchTrials } from "./stream.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-stream-"));
after(() => rmSync(folder, { recursive: true }));

const study = (nctId: string) =>
  JSON.stringify({
    protocolSection: {
      identificationModule: { nctId },
      eligibilityModule: { eligibilityCriteria: "Adults" },
      conditionsModule: { conditions: ["Gout"] },
      designModule: { phases: ["PHASE2", "PHASE1"] },
      armsInterventionsModule: { interventions: [{ type: "DRUG", name: "Colchicine" }] },
      statusModule: { whyStopped: "funds", startDateStruct: { date: "2004-12" } },
    },
  });
const CSV = `nctid,label,phase,diseases,icdcodes,drugs,smiless,criteria
NCT3,1,phase 1/phase 2,"['gout', 'fever']","[""['M10.0', 'M10.9']"", ""[]""]",['colchicine'],['C'],Adults
NCT4,1,phase 9,['gout'],[],['colchicine'],[],Adults
`;

test("a stream gives what reading whole gives, bad rows among them", async () => {
  const contents = {
    "lines.ndjson": `\uFEFF${study("NCT1")}\n\n{oops\n${study("NCT2")}\n`,
    "lines.ndjson.gz": gzipSync(`${study("NCT1")}\n${study("NCT2")}\n`),
    "one.json": study("NCT1"),
    "page.json": `{"studies": [${study("NCT1")},${study("NCT2")}]}`,
    "top.csv": CSV,
  };
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const records: TrialRecord[] = [];
    const invalid: string[] = [];
    let last = 0;
    for await (const { entry, share } of streamTrials(path)) {
      if (entry instanceof InputError) invalid.push(entry.message);
      else records.push(entry);
      last = share;
    }
    const whole = readTrials(path, { skipInvalid: true });
    assert.deepEqual(records, whole.records, name);
    const expected = whole.invalid.map(({ message }) => message);
    assert.deepEqual(invalid, expected, name);
    assert.ok(records.length > 0 && last === 1, name);
  }
});

test("a record becomes a study that is read as the same record, whatever its source", () => {
  const ctgov = parseStudy(JSON.parse(study("NCT1")), { file: "a", row: 1 });
  const [top] = readTrials(join(folder, "top.csv"), { skipInvalid: true }).records;
  for (const record of [ctgov, top!]) {
    const again = parseStudy(JSON.parse(JSON.stringify(toStudy(record))), record.source);
    const { label: _, ...outcome } = record.outcome;
    const trial = { ...record.trial, givenSmiles: [] };
    assert.deepEqual(again, { ...record, trial, outcome });
  }
  assert.equal(ctgov.trial.phase, "1/2");
  assert.deepEqual(top!.trial.icd10, [["M10.0", "M10.9"], []]);
  const none = { ...ctgov, trial: { ...ctgov.trial, phase: "not applicable" as const } };
  assert.deepEqual(toStudy(none).protocolSection.designModule, { phases: ["NA"] });
});

test("a watcher is told of bytes, and of nothing where a file is absent", async () => {
  const told: Progress[] = [];
  let [seen, most] = [0, Number.POSITIVE_INFINITY];
  const watcher: Watcher = {
    report: (progress) => told.push(progress),
    say: () => {},
    stopping: () => seen >= most,
  };
  const ids = Array.from({ length: 3000 }, (_, i) => `NCT${i}`);
  const [large, gzip] = [join(folder, "large.ndjson"), join(folder, "small.ndjson.gz")];
  const lines = ids.map((id) => `${study(id)}\n`).join("");
  writeFileSync(large, lines);
  writeFileSync(gzip, gzipSync(study("NCT1")));
  const watch = async (...paths: string[]) => {
    [told.length, seen] = [0, 0];
    for await (const entry of watchTrials(paths, watcher)) {
      assert.ok(!(entry instanceof InputError));
      seen++;
    }
  };
  const bytes = (name: string) =>
    told.filter(({ stage }) => stage === `Reading ${name}`).map(({ done }) => done);

  await watch(large, gzip);
  assert.equal(seen, 3001);
  assert.ok(told.every(({ unit, done, total }) => unit === "bytes" && done <= total));
  const done = bytes("large.ndjson");
  assert.deepEqual([done[0], done.at(-1)], [0, lines.length]);
  assert.ok(done.length > 5 && done.length <= 102, String(done.length));
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.equal(bytes("small.ndjson.gz").at(-1), gzipSync(study("NCT1")).length);

  await assert.rejects(watch(large, join(folder, "nope")), {
    name: "InputError",
    message: /nope: cannot be read/,
  });
  assert.deepEqual([seen, told], [0, []]);
  most = 10;
  await assert.rejects(watch(large), { name: "Interrupted" });
});
