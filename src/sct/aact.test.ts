import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { postgresFolder, startPostgres, type TestServer } from "../base/test-postgres.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { parseStudy, readTrials, type TrialRecord } from "../trial/index.js";
import { aactPlace, readAact } from "./aact.js";
import { buildSct } from "./build.js";

// Against a real PostgreSQL with AACT's own tables and columns, of which these are read
// (aact.ctti-clinicaltrials.org/schema).
const SCHEMA = `
  create schema ctgov;
  create table ctgov.studies (nct_id character varying primary key, phase character varying,
    overall_status character varying, why_stopped character varying,
    start_date date, completion_date date);
  create table ctgov.eligibilities (id integer primary key, nct_id character varying, criteria text);
  create table ctgov.conditions (id integer primary key, nct_id character varying,
    name character varying, downcase_name character varying);
  create table ctgov.interventions (id integer primary key, nct_id character varying,
    intervention_type character varying, name character varying, description text);
  create table ctgov.intervention_other_names (id integer primary key, nct_id character varying,
    intervention_id integer, name character varying);
  create role reader login password 'reader''s';
  grant usage on schema ctgov to reader;
  grant select on all tables in schema ctgov to reader;
  create role stranger login password 'x'`;
const ROWS = `
  insert into ctgov.studies values
    ('NCT00000003', 'PHASE1/PHASE2', 'TERMINATED', 'Funds', '2004-12-31', '2006-01-15'),
    ('NCT00000001', 'Phase 2/Phase 3', 'Active, not recruiting', null, null, null),
    ('NCT00000002', null, 'Unknown status', null, '2001-05-06', null),
    ('NCT00000004', 'PHASE4', 'COMPLETED', null, null, null),
    ('NCT00000005', 'PHASE7', 'COMPLETED', null, null, null),
    ('NCT00000006', 'Early Phase 1', 'COMPLETED', null, null, null),
    ('NCT00000007', 'N/A', 'COMPLETED', null, null, null);
  insert into ctgov.eligibilities
    select row_number() over (), nct_id, 'Inclusion: "adults" of ' || nct_id
    from ctgov.studies where nct_id <> 'NCT00000004';
  insert into ctgov.conditions values (2, 'NCT00000003', 'Gout', 'gout'),
    (1, 'NCT00000003', 'Fever', 'fever');
  insert into ctgov.interventions values (11, 'NCT00000003', 'DRUG', 'Colchicine', ''),
    (12, 'NCT00000003', 'Dietary Supplement', 'Cherry', '');
  insert into ctgov.intervention_other_names values (5, 'NCT00000003', 11, 'Colcrys'),
    (4, 'NCT00000003', 11, 'Mitigare')`;

const bin = postgresFolder();
const needsPostgres = {
  skip: bin === undefined && "PostgreSQL absent: apt-get install postgresql",
};
let server: TestServer;
if (bin !== undefined) {
  before(async () => {
    server = await startPostgres(bin);
    await server.admin.query(SCHEMA);
    await server.admin.query(ROWS);
  });
  after(() => server.stop());
}

const place = () => `postgres://127.0.0.1:${server.port}/aact`;
const urlOf = (user: string, password: string, database = "aact") =>
  `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`;

async function read(url: string, pageSize?: number) {
  const records: TrialRecord[] = [];
  const bad: InputError[] = [];
  const shares: number[] = [];
  for await (const { entry, share } of readAact(url, pageSize)) {
    if (entry instanceof InputError) bad.push(entry);
    else records.push(entry);
    shares.push(share);
  }
  return { records, bad, shares };
}

async function refused(url: string, message: RegExp): Promise<void> {
  await assert.rejects(read(url), (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    for (const secret of ["wr0ng", server.password, encodeURIComponent(server.password)])
      assert.ok(!error.message.includes(secret), error.message);
    return true;
  });
}

test("a study of AACT becomes the record that the API's study becomes", needsPostgres, async () => {
  const { records, bad, shares } = await read(urlOf("reader", "reader's"));
  assert.deepEqual(
    records.map(({ trial }) => [trial.nctId, trial.phase]),
    [
      ["NCT00000001", "2/3"],
      ["NCT00000002", "not applicable"],
      ["NCT00000003", "1/2"],
      ["NCT00000006", "early 1"],
      ["NCT00000007", "not applicable"],
    ],
  );
  const asked = {
    protocolSection: {
      identificationModule: { nctId: "NCT00000003" },
      eligibilityModule: { eligibilityCriteria: 'Inclusion: "adults" of NCT00000003' },
      conditionsModule: { conditions: ["Fever", "Gout"] },
      designModule: { phases: ["PHASE1", "PHASE2"] },
      armsInterventionsModule: {
        interventions: [
          { type: "DRUG", name: "Colchicine", otherNames: ["Mitigare", "Colcrys"] },
          { type: "DIETARY_SUPPLEMENT", name: "Cherry" },
        ],
      },
      statusModule: {
        overallStatus: "TERMINATED",
        whyStopped: "Funds",
        startDateStruct: { date: "2004-12-31" },
        completionDateStruct: { date: "2006-01-15" },
      },
    },
  };
  assert.deepEqual(records[2], parseStudy(asked, { file: place(), row: 3 }));
  assert.deepEqual(records[0]!.outcome, { status: "ACTIVE_NOT_RECRUITING" });
  assert.equal(shares.at(-1), 1);

  assert.deepEqual(
    bad.map(({ location }) => [location.file, location.row, location.field]),
    [
      [place(), 4, "protocolSection.eligibilityModule.eligibilityCriteria"], // counted, not told
      [place(), 5, "ctgov.studies.phase of NCT00000005"],
    ],
  );
});

test("pages of any size give the same records", needsPostgres, async () => {
  const whole = await read(urlOf("postgres", server.password));
  for (const size of [1, 2, 7]) {
    const paged = await read(urlOf("postgres", server.password), size);
    assert.deepEqual(paged.records, whole.records);
  }
});

test("trials are built from AACT; its password is written nowhere", needsPostgres, async () => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-aact-"));
  const drugs = join(folder, "approved.csv");
  writeFileSync(drugs, "name,smiles\nColchicine,CCO\n");
  const out = join(folder, "sct");
  const { card } = await buildSct(
    {
      trials: [],
      studies: [],
      aact: urlOf("postgres", server.password),
      drugs,
      conditions: SHIPPED_CONDITIONS,
      exclude: [],
      excludeDrugs: false,
      skipInvalid: true,
      out,
    },
    { report() {}, say() {}, stopping: () => false },
  );
  assert.deepEqual([card.trials, card.aact], [1, place()]);
  assert.deepEqual(card.leftOut, { "no resolved drug": 4, "no eligibility criteria": 1 });
  const { records } = readTrials(join(out, "trials.ndjson.gz"));
  assert.equal(records[0]!.trial.nctId, "NCT00000003");
  const written = readdirSync(out).map((name) => readText(join(out, name)));
  assert.equal(written.length, 5);
  for (const secret of [server.password, encodeURIComponent(server.password)])
    assert.ok(!written.join().includes(secret));
  rmSync(folder, { recursive: true });
});

test(
  "what is wrong is told by host, table and column, never with the password",
  needsPostgres,
  async () => {
    const { admin, password, port } = server;
    const good = urlOf("postgres", password);
    await refused(urlOf("postgres", "wr0ng"), /:\d+\/aact: refuses the user or the password/);
    await refused(urlOf("postgres", password, "act"), /\/act: there is no such database/);
    await refused(
      `postgres://postgres:wr0ng@127.0.0.1:9/aact`,
      /127\.0\.0\.1:9\/aact: the server can/,
    );
    await refused(urlOf("stranger", "x"), /has no table ctgov\.studies that this user may read/);
    for (const url of [
      "postgres://postgres:1/wr0ng@localhost/aact",
      "postgres://postgres:1#wr0ng@localhost/aact",
      "postgres://postgres:1?wr0ng@localhost/aact",
      `mysql://postgres:wr0ng@127.0.0.1:${port}/aact`,
      "wr0ng",
    ])
      await refused(
        url,
        /^field "--aact": is not the URL of a PostgreSQL database\. Write postgres:/,
      );

    await admin.query("alter table ctgov.eligibilities rename criteria to text");
    await refused(good, /aact: the table ctgov\.eligibilities has no column criteria/);
    await admin.query("alter table ctgov.eligibilities rename text to criteria");
    await admin.query("alter table ctgov.conditions rename to illnesses");
    await refused(good, /aact: has no table ctgov\.conditions/);
    await admin.query("alter table ctgov.illnesses rename to conditions");
    assert.equal(aactPlace(good), place());
  },
);

test(
  "a connection lost on the way is an error, not the end of the records",
  needsPostgres,
  async () => {
    const reading = readAact(urlOf("postgres", server.password), 2);
    await reading.next();
    await server.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cladmop'",
    );
    await assert.rejects(
      async () => {
        for await (const _ of reading);
      },
      {
        name: "InputError",
        message: /aact: cannot be used \(.+\)\. Check --aact and the server's log/,
      },
    );
  },
);
