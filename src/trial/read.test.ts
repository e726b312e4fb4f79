import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { InputError } from "../base/error.js";
import { dataPath, needsData } from "../base/test-data.js";
import type { NoCriteria } from "./ctgov.js";
import { readTrials } from "./read.js";
import type { Trial } from "./record.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-trials-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `input-${files++}`);
  writeFileSync(path, content);
  return path;
}

const HEADER = "nctid,status,why_stop,label,phase,diseases,icdcodes,drugs,smiless,criteria";
const topRow = (change: Readonly<Record<string, string>> = {}) => {
  const cells: Record<string, string> = {
    nctid: "NCT99000001",
    status: "terminated",
    why_stop: "POISON no effect",
    label: "0",
    phase: "phase 1/phase 2",
    diseases: "['gout', \"Crohn's disease\"]",
    icdcodes: `"[""['M10.0', 'M10.9']"", ""['K50.0']""]"`,
    drugs: "['colchicine']",
    smiless: "['C\\\\C=C/C']",
    criteria: '"Inclusion Criteria:\n\n  -  Adults, ""healthy"""',
    ...change,
  };
  return HEADER.split(",")
    .map((column) =>
      /^".*"$|^[^,"]*$/s.test(cells[column]!)
        ? cells[column]
        : `"${cells[column]!.replaceAll('"', '""')}"`,
    )
    .join(",");
};
const top = (...rows: string[]) => `${[HEADER, ...rows].join("\n")}\n`;

const study = (change: Readonly<Record<string, unknown>> = {}) => ({
  protocolSection: {
    identificationModule: { nctId: "NCT99000002", briefTitle: "POISON" },
    statusModule: {
      overallStatus: "POISON_TERMINATED",
      whyStopped: "POISON no effect",
      startDateStruct: { date: "2031-01" },
      completionDateStruct: { date: "2032-02" },
      resultsFirstSubmitDate: "2033-03-03",
    },
    conditionsModule: { conditions: ["Gout"] },
    designModule: { phases: ["PHASE1"], enrollmentInfo: { count: 777 } },
    armsInterventionsModule: {
      interventions: [
        { type: "DRUG", name: "Colchicine", otherNames: ["Colcrys"], note: "POISON" },
      ],
    },
    eligibilityModule: { eligibilityCriteria: "Adults" },
    ...change,
  },
  resultsSection: { outcome: "POISON" },
  hasResults: true,
});

test("a row of TOP", () => {
  assert.deepEqual(readTrials(file(`\uFEFF${top(topRow())}`)).records[0], {
    trial: {
      nctId: "NCT99000001",
      phase: "1/2",
      conditions: ["gout", "Crohn's disease"],
      icd10: [["M10.0", "M10.9"], ["K50.0"]],
      interventions: [{ type: "DRUG", name: "colchicine", otherNames: [] }],
      givenSmiles: ["C\\C=C/C"],
      eligibilityCriteria: 'Inclusion Criteria:\n\n  -  Adults, "healthy"',
    },
    outcome: { label: 0, status: "terminated", whyStopped: "POISON no effect" },
    source: { file: join(folder, `input-${files - 1}`), row: 1 },
  });
});

test("a study of the API, in every container", () => {
  const one = JSON.stringify(study());
  const pretty = JSON.stringify(study(), null, 2);
  const lines = `${one}\n\n${one}\n`;
  for (const [content, rows] of [
    [one, [1]],
    [pretty, [1]],
    [`[${pretty},\n${one}]`, [1, 2]],
    [`{"nextPageToken": "x", "studies": [${one}, ${one}]}`, [1, 2]],
    [lines, [1, 3]],
    [gzipSync(lines), [1, 3]],
  ] as const) {
    const { records } = readTrials(file(content));
    assert.deepEqual(
      records.map(({ source }) => source.row),
      rows,
    );
    assert.deepEqual(records[0]!.trial, {
      nctId: "NCT99000002",
      phase: "1",
      conditions: ["Gout"],
      icd10: [],
      interventions: [{ type: "DRUG", name: "Colchicine", otherNames: ["Colcrys"] }],
      givenSmiles: [],
      eligibilityCriteria: "Adults",
    });
    assert.deepEqual(records[0]!.outcome, {
      status: "POISON_TERMINATED",
      whyStopped: "POISON no effect",
      startDate: "2031-01",
      completionDate: "2032-02",
    });
  }
});

test("the column smiless may be absent or empty", () => {
  const given = top(topRow({ smiless: "[]" }));
  const without = given.replace(",smiless,", ",").replace(",[],", ",");
  const empty = given.replace(",[],", ",,");
  const [expected, ...others] = [given, without, empty].map(
    (content) => readTrials(file(content), { requireLabel: true }).records[0]!.trial,
  );
  assert.deepEqual(others, [expected, expected]);
});

test("an id of the registry has capitals in every format; an id of one's own stays as it is", () => {
  for (const [given, id] of [
    [" nct01657760 ", "NCT01657760"],
    ["Nct01657760", "NCT01657760"],
    ["nct-draft 1", "nct-draft 1"],
    ["my Trial", "my Trial"],
  ] as const) {
    const api = JSON.stringify(study({ identificationModule: { nctId: given } }));
    for (const content of [top(topRow({ nctid: given })), api, `${api}\n${api}\n`])
      for (const { trial } of readTrials(file(content)).records) assert.equal(trial.nctId, id);
    const withheld = { identificationModule: { nctId: given }, eligibilityModule: {} };
    const { invalid } = readTrials(file(JSON.stringify(study(withheld))), { skipInvalid: true });
    assert.equal((invalid[0] as NoCriteria).nctId, id);
  }
  const twice = file(top(topRow(), topRow({ nctid: "nct99000001" })));
  assert.throws(() => readTrials(twice, { requireLabel: true }), /row 2: repeats NCT99000001 of/);
});

test("a folder gives its .json files in order", () => {
  const path = mkdtempSync(join(folder, "folder-"));
  assert.throws(() => readTrials(path), /holds no \.json file/);
  const named = (nctId: string) => JSON.stringify(study({ identificationModule: { nctId } }));
  writeFileSync(join(path, "b.json"), named("NCT99000004"));
  writeFileSync(join(path, "a.json"), named("NCT99000003"));
  writeFileSync(join(path, "notes.txt"), "not a trial");
  const ids = readTrials(path).records.map(({ trial }) => trial.nctId);
  assert.deepEqual(ids, ["NCT99000003", "NCT99000004"]);
});

test("nothing of the outcome enters the trial", () => {
  // Fails to compile when a field is added to Trial: make sure first that it is known beforehand.
  const fieldsOfTrial: Record<keyof Trial, true> = {
    nctId: true,
    phase: true,
    conditions: true,
    icd10: true,
    interventions: true,
    givenSmiles: true,
    eligibilityCriteria: true,
  };
  for (const path of [file(top(topRow({ status: "POISON" }))), file(JSON.stringify(study()))]) {
    const { trial } = readTrials(path).records[0]!;
    assert.deepEqual(Object.keys(trial).sort(), Object.keys(fieldsOfTrial).sort());
    assert.doesNotMatch(JSON.stringify(trial), /POISON|203[123]|777|terminated|label/i);
  }
});

test("phases of both sources", () => {
  const phaseOf = (phases: unknown) =>
    readTrials(file(JSON.stringify(study({ designModule: { phases } })))).records[0]!.trial.phase;
  assert.equal(phaseOf(["EARLY_PHASE1"]), "early 1");
  assert.equal(phaseOf(["PHASE2", "PHASE1"]), "1/2");
  assert.equal(phaseOf(["NA"]), "not applicable");
  assert.equal(phaseOf(undefined), "not applicable");
  assert.throws(() => phaseOf(["PHASE5"]), /designModule\.phases": is unknown: \["PHASE5"\]/);
  const { records } = readTrials(file(top(topRow({ phase: "Early Phase 1" }))));
  assert.equal(records[0]!.trial.phase, "early 1");
});

test("bad input names file, row, field and remedy in one line", () => {
  const api = (change: Readonly<Record<string, unknown>>) => JSON.stringify(study(change));
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /: is empty\. Give a CSV/],
    ["nctid,phase\nNCT1,phase 1\n", /lacks the columns diseases, icdcodes, .* Give a CSV with/],
    [top(topRow({ label: "2" })), /row 1, field "label": is "2"\. Use 1 for success/],
    [top(topRow(), topRow({ criteria: " " })), /row 2, field "criteria": is empty\. Fill/],
    [top(topRow({ phase: "phase 7" })), /row 1, field "phase": is unknown: "phase 7"\. Use one/],
    [top(topRow({ drugs: "[colchicine]" })), /field "drugs": is not a Python literal: .* at 1,/],
    [top(topRow({ diseases: "'gout'" })), /field "diseases": is not a list of strings\. Write/],
    [top(topRow({ icdcodes: "['M10.0']" })), /field "icdcodes": is not a Python literal/],
    [top("NCT99000001,a,b"), /row 1: has 3 fields where the header has 10\. Quote/],
    ['{"protocolSection": ', /: is malformed JSON: .*\. Repair/],
    [`${api({})}\n{"protocolSection"\n`, /row 2: is malformed JSON/],
    [`{"protocolSection"\n${api({})}\n`, /row 1: is malformed JSON/],
    [`[${api({})}, 5]`, /row 2: .*expected object/],
    [
      api({ conditionsModule: {} }),
      /row 1, field "protocolSection\.conditionsModule\.conditions":/,
    ],
    [
      api({ eligibilityModule: { eligibilityCriteria: " " } }),
      /eligibilityCriteria": has no eligibility criteria\. Fill/,
    ],
  ];
  for (const [content, message] of cases) {
    const path = file(content);
    assert.throws(
      () => readTrials(path),
      (error: Error) => {
        assert.ok(error instanceof InputError);
        assert.ok(error.message.startsWith(path), error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  }
  assert.throws(() => readTrials(join(folder, "absent.csv")), /absent\.csv: cannot be read/);
});

test("bad rows are returned and good ones kept on request", () => {
  const rows = [
    topRow({ nctid: "NCT99000001" }),
    `NCT99000002,x,,1,phase 1,"['a"b']",[],[],[],Adults`,
    topRow({ nctid: "NCT99000003", label: "yes" }),
    topRow({ nctid: "NCT99000004" }),
    `NCT99000005,x,,1,phase 1,[],[],[],[],"Adults`,
    topRow({ nctid: "NCT99000006" }),
  ];
  const { records, invalid } = readTrials(file(top(...rows)), { skipInvalid: true });
  assert.deepEqual(
    records.map(({ source }) => source.row),
    [1, 4, 6],
  );
  assert.deepEqual(
    invalid.map(({ location }) => location.row),
    [2, 3, 5],
  );

  const ndjson = readTrials(file(`${JSON.stringify(study())}\n{oops\n${JSON.stringify(study())}`), {
    skipInvalid: true,
  });
  assert.deepEqual(
    ndjson.records.map(({ source }) => source.row),
    [1, 3],
  );
  assert.deepEqual(
    ndjson.invalid.map(({ location }) => location.row),
    [2],
  );
});

test("labels and unique trials are required on request only", () => {
  const unlabelled = file(
    `nctid,phase,diseases,icdcodes,drugs,smiless,criteria\nNCT99000001,phase 1,[],[],[],[],Adults\n`,
  );
  assert.deepEqual(readTrials(unlabelled).records[0]!.outcome, {});
  assert.throws(() => readTrials(unlabelled, { requireLabel: true }), /lacks the column label/);
  const blank = file(top(topRow({ label: "" })));
  assert.equal(readTrials(blank).records.length, 1);
  assert.throws(() => readTrials(blank, { requireLabel: true }), /field "label": is ""/);

  const twice = file(top(topRow(), topRow()));
  assert.equal(readTrials(twice).records.length, 2);
  assert.throws(() => readTrials(twice, { requireLabel: true }), /row 2.*repeats NCT99000001/);
  const json = file(JSON.stringify(study()));
  assert.throws(() => readTrials(json, { requireLabel: true }), /carry no label/);
});

test("the examples are read", () => {
  const examples = new URL("../../examples/", import.meta.url).pathname;
  assert.equal(readTrials(`${examples}trials.json`).records.length, 5);
  assert.equal(readTrials(`${examples}draft.csv`).records.length, 2);
});

test(
  "every real record is read",
  needsData("top/phase_I_train.csv", "top/phase_I_test.csv", "ctgov/studies.ndjson.gz"),
  () => {
    const train = readTrials(dataPath("top/phase_I_train.csv"), { requireLabel: true }).records;
    assert.equal(train.length, 1044);
    assert.equal(train.filter(({ outcome }) => outcome.label === 1).length, 592);
    assert.equal(
      readTrials(dataPath("top/phase_I_test.csv"), { requireLabel: true }).records.length,
      627,
    );

    const studies = readTrials(dataPath("ctgov/studies.ndjson.gz"), { skipInvalid: true });
    assert.equal(studies.records.length + studies.invalid.length, 6785);
    // Fifteen studies come without criteria.
    assert.equal(studies.invalid.length, 15);
    assert.ok(studies.invalid.every(({ message }) => /eligibilityCriteria/.test(message)));
  },
);
