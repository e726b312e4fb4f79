import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cpu } from "../graph/index.js";
import { readTrials } from "../trial/index.js";
import { indexPast } from "./index-past.js";
import { openPast } from "./past.js";
import { loadPredictor, SHIPPED_MODEL } from "./predictor.js";
import { madeUpTrials, topCsv } from "./test-support.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-past-"));
after(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);
const file = (name: string, content: string) => {
  writeFileSync(at(name), content);
  return at(name);
};
const study = (nctId: string, status: string | undefined, criteria?: string) =>
  JSON.stringify({
    protocolSection: {
      identificationModule: { nctId, briefTitle: `Title of ${nctId}` },
      statusModule: { overallStatus: status, completionDateStruct: { date: "2004-12" } },
      eligibilityModule: { eligibilityCriteria: criteria },
      conditionsModule: { conditions: ["Gout"] },
      designModule: { phases: ["PHASE2"] },
      armsInterventionsModule: {
        interventions: ["Colchicine 1 mg", "Placebo", "Zz-1"].map((name) => ({
          type: "DRUG",
          name,
        })),
      },
    },
  });
const TRIALS = madeUpTrials(40, 101);
const csv = file("trials.csv", topCsv(TRIALS));
const studies = file(
  "studies.ndjson",
  [
    study(TRIALS[0]!.nctId, "COMPLETED", "Another text"), // stands in the CSV, too
    study("NCT00009001", "TERMINATED", "Adults with gout"),
    study("NCT00009002", "Active, not recruiting", "Adults with gout"),
    study("NCT00009003", undefined, "Adults with gout"),
    study("NCT00009004", "COMPLETED"),
  ].join("\n"),
);

function index(
  out: string,
  inputs: readonly string[],
  stopAt = Number.POSITIVE_INFINITY,
  more = {},
) {
  const said: string[] = [];
  let done = 0;
  return indexPast(
    { ...cpu(1), inputs, out: at(out), skipInvalid: false, ...more },
    {
      report: (progress) => {
        if (progress.stage === "Indexing trials") done = progress.done;
      },
      say: (line) => said.push(line),
      stopping: () => done >= stopAt,
    },
  ).then((summary) => ({ ...summary, said }));
}

const predictor = await loadPredictor(SHIPPED_MODEL, cpu(1));
after(() => predictor.release());

test("an index has every trial that has ended once, with all that is told of its outcome", async () => {
  assert.deepEqual(await index("past", [csv, studies]), {
    ...{ trials: 41, repeated: 1, open: 2, withoutCriteria: 1, said: [] },
  });
  assert.ok(!existsSync(at("past.parts")));
  const past = openPast(at("past"), predictor.card);
  assert.equal(past.size, 41);
  const [first] = readTrials(csv).records;
  assert.deepEqual(await past.get(TRIALS[0]!.nctId), {
    trial: first!.trial,
    title: `Title of ${TRIALS[0]!.nctId}`,
    drugs: [TRIALS[0]!.drug.toLowerCase()],
    outcome: {
      ...{ label: TRIALS[0]!.label, status: "COMPLETED", whyStopped: null },
      ...{ startDate: null, completionDate: "2004-12" },
    },
  });
  const gout = await past.get("NCT00009001");
  assert.deepEqual(gout!.drugs, ["colchicine", "zz-1"]);
  assert.deepEqual([past.has("NCT00009002"), await past.get("NCT00009002")], [false, undefined]);
  past.close();
});

test("a trial's neighbours are those of the nearest vectors, and never itself", async () => {
  const past = openPast(at("past"), predictor.card);
  const { records } = readTrials(csv);
  const { trial } = records[5]!;
  const [vector] = await predictor.embed([trial]);
  const [nearest] = await past.similar(vector!, 1);
  assert.equal(nearest!.nctId, trial.nctId);
  assert.ok(nearest!.similarity > 0.99);
  assert.equal(nearest!.url, `https://clinicaltrials.gov/study/${trial.nctId}`);
  const others = await past.similar(vector!, 100, trial.nctId);
  assert.equal(others.length, 40);
  assert.ok(others.every(({ nctId }) => nctId !== trial.nctId));
  // As exact cosines of the vectors from their mean rank them, but for what a byte a number takes away.
  const trials = records.map((one) => one.trial);
  const all = await predictor.embed([...trials, (await past.get("NCT00009001"))!.trial]);
  const means = all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
  const directions = all.map((one) => {
    const moved = one.map((x, i) => x - means[i]!);
    return moved.map((x) => x / Math.hypot(...moved));
  });
  const exact = directions.map((one) => one.reduce((sum, x, i) => sum + x * directions[5]![i]!, 0));
  for (const [i, { nctId }] of trials.entries()) {
    const found = others.find((one) => one.nctId === nctId);
    if (found) assert.ok(Math.abs(found.similarity - exact[i]!) < 0.02, nctId);
  }
  const descending = others.map(({ similarity }) => similarity);
  assert.deepEqual(
    descending,
    descending.toSorted((a, b) => b - a),
  );
  past.close();
});

test("a stopped run goes on, to the same files", async () => {
  await assert.rejects(index("stopped", [csv, studies], 32), {
    name: "Interrupted",
    message: /stopped\.parts; go on by running/,
  });
  const kept = readdirSync(at("stopped.parts")).filter((name) => name !== "index");
  assert.equal(kept.length, 1);
  await index("stopped", [csv, studies]);
  for (const name of readdirSync(at("past")))
    assert.deepEqual(readFileSync(join(at("stopped"), name)), readFileSync(join(at("past"), name)));
});

test("an altered index, another model's and a folder that is none are refused by name", async () => {
  for (const [name, message] of [
    ["trials.bin", /trials\.bin: was truncated or altered/],
    ["vectors.safetensors", /vectors\.safetensors: was truncated or altered/],
    ["past.json", /past\.json: /],
  ] as const) {
    cpSync(at("past"), at("altered"), { recursive: true });
    appendFileSync(join(at("altered"), name), "x");
    assert.throws(() => openPast(at("altered"), predictor.card), { name: "InputError", message });
    rmSync(at("altered"), { recursive: true });
  }
  const other = { ...predictor.card, seed: 2 };
  assert.throws(() => openPast(at("past"), other), { message: /is of another model: "top"/ });
  assert.throws(() => openPast(at("absent"), predictor.card), {
    message: /past\.json: cannot be read/,
  });
  mkdirSync(at("mine"));
  await assert.rejects(index("mine", [csv]), { message: /mine.*is no index of past trials/ });
});

test("bad rows stop the index or are listed beside it; what has no end is no past trial", async () => {
  const bad = file("bad.ndjson", `{oops\n${study("NCT00009001", "COMPLETED", "Adults")}\n`);
  await assert.rejects(index("bad", [bad]), { message: /bad\.ndjson, row 1: is malformed JSON/ });
  assert.ok(!existsSync(at("bad.parts")));
  const { trials, said } = await index("bad", [bad], undefined, { skipInvalid: true });
  assert.equal(trials, 1);
  assert.match(said.join(), /1 bad row was skipped and listed in .*bad\.invalid\.ndjson/);
  const open = file("open.ndjson", `${study("NCT00009001", "RECRUITING", "Adults")}\n`);
  await assert.rejects(index("open", [open]), { message: /holds no trial that has ended/ });
  await assert.rejects(index("stdin", ["-"]), { message: /is read twice/ });
});

test("the command tells what is in the index and what was left out", () => {
  const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));
  const { status, stdout } = spawnSync(
    process.execPath,
    [main, "index", studies, "--out", at("told"), "--threads", "1"],
    { encoding: "utf8" },
  );
  assert.equal(status, 0);
  assert.match(stdout, /told: 2 trials\nleft out: 2 that have not ended .*, 1 without eligibility/);
});
