import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkTrials } from "./checked.js";
import { readTrialFiles } from "./read-files.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-checked-"));
after(() => rmSync(folder, { recursive: true }));

const line = (nctId: string) =>
  JSON.stringify({
    protocolSection: {
      identificationModule: { nctId },
      eligibilityModule: { eligibilityCriteria: `Adults of ${nctId}` },
      conditionsModule: { conditions: ["Gout"] },
      designModule: { phases: ["PHASE2"] },
    },
  });
const good = join(folder, "good.ndjson");
writeFileSync(good, `${line("NCT1")}\n${line("NCT2")}\n`);
const bad = join(folder, "bad.ndjson");
writeFileSync(bad, `${line("NCT3")}\n{oops\n\n{"a": 1}\n${line("NCT4")}\n`);

const said: string[] = [];
const watcher = { report: () => {}, say: (text: string) => said.push(text), stopping: () => false };

test("trials are counted, then streamed as often as one likes", async () => {
  const out = join(folder, "out");
  const trials = await checkTrials([good, good], out, { skipInvalid: false }, watcher);
  assert.equal(trials.length, 4);
  for (let pass = 0; pass < 2; pass++) {
    const ids: string[] = [];
    for await (const { nctId } of trials) ids.push(nctId);
    assert.deepEqual(ids, ["NCT1", "NCT2", "NCT1", "NCT2"]);
  }
  assert.ok(!existsSync(out) && said.length === 0);
});

test("a bad row stops at once, or is listed as it is when files are read whole", async () => {
  const [out, whole] = [join(folder, "streamed"), join(folder, "whole")];
  const message = /bad\.ndjson, row 2: is malformed JSON/;
  await assert.rejects(checkTrials([good, bad], out, { skipInvalid: false }, watcher), { message });
  assert.ok(!existsSync(out));

  const trials = await checkTrials([good, bad], out, { skipInvalid: true }, watcher);
  const [first, second] = readTrialFiles([good, bad], whole, { skipInvalid: true }, watcher);
  const ids: string[] = [];
  for await (const { nctId } of trials) ids.push(nctId);
  assert.deepEqual(
    ids,
    [...first!, ...second!].map(({ trial }) => trial.nctId),
  );
  assert.equal(trials.length, ids.length);
  const list = (of: string) => readFileSync(join(of, "invalid.ndjson"), "utf8");
  assert.equal(list(out), list(whole));
  assert.equal(said[0], said[1]!.replace(whole, out));
  assert.match(said[0]!, /^Warning: 2 bad rows were skipped and listed in /);
});

test("a list of bad rows is left only where the reading came to its end", async () => {
  const out = join(folder, "unfinished");
  const absent = join(folder, "absent.ndjson");
  const check = checkTrials([bad, absent], out, { skipInvalid: true }, watcher);
  await assert.rejects(check, { message: /absent\.ndjson: cannot be read/ });
  assert.deepEqual(readdirSync(out), []);
  const piped = checkTrials(["-"], out, { skipInvalid: true }, watcher);
  await assert.rejects(piped, { message: /^-: is read twice, which standard input cannot be/ });
});
