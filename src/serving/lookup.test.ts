import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Unreachable } from "../base/http.js";
import { Transient } from "../base/retry.js";
import type { Watcher } from "../base/watcher.js";
import { type LookupOptions, openLookup } from "./lookup.js";
import { topCsv } from "./test-support.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-lookup-"));
after(() => rmSync(root, { recursive: true }));
process.env.TMPDIR = root; // for the look-up's own file
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(root, name), content);
  return join(root, name);
};
const study = (nctId: string, criteria: string | undefined, title?: string) => ({
  protocolSection: {
    identificationModule: { nctId, briefTitle: title },
    statusModule: { overallStatus: "TERMINATED", whyStopped: "Funds" },
    eligibilityModule: { eligibilityCriteria: criteria },
    conditionsModule: { conditions: ["Gout", " "] },
    designModule: { phases: ["PHASE2"] },
    armsInterventionsModule: { interventions: [{ type: "DRUG", name: "Colchicine" }] },
  },
  resultsSection: { much: "more" },
});

/** A registry: what it answers to each number. */
const answers: Record<string, (response: ServerResponse) => void> = {
  NCT00000001: (response) => response.end(JSON.stringify(study("NCT00000001", "Online", "One"))),
  NCT00000002: (response) => response.end(JSON.stringify(study("NCT00000002", undefined))),
  NCT00000003: (response) => response.end('{"protocolSection": {"identific'),
  NCT00000004: (response) => response.writeHead(400).end("Bad\nfields"),
  NCT00000005: (response) => response.writeHead(503, { "retry-after": "7" }).end("Busy"),
  NCT00000006: () => {}, // never
};
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url!);
  const { pathname } = new URL(request.url!, "http://localhost");
  const answer = answers[pathname.replace("/api/v2/studies/", "")];
  if (answer) answer(response);
  else response.writeHead(404).end("NCT number not found");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2`;

const said: string[] = [];
const watcher: Watcher = {
  report: () => {},
  say: (line) => said.push(line),
  stopping: () => false,
};
const open = (options: Partial<LookupOptions> = {}) =>
  openLookup({ online: true, registry, timeout: 300, ...options }, watcher);

test("the registry is asked for the fields that are read, and its study becomes a draft", async () => {
  const lookup = await open();
  assert.deepEqual(await lookup.find(" nct00000001"), {
    draft: {
      title: "One",
      nctId: "NCT00000001",
      phase: "2",
      conditions: ["Gout"],
      interventions: [{ type: "DRUG", name: "Colchicine", otherNames: [] }],
      eligibilityCriteria: "Online",
    },
    outcome: {
      label: null,
      status: "TERMINATED",
      whyStopped: "Funds",
      startDate: null,
      completionDate: null,
    },
    source: "online",
  });
  assert.match(asked.at(-1)!, /NCT00000001\?fields=NCTId%2CBriefTitle%2C.*EligibilityCriteria/);
});

test("what the registry has not, or has but not so, is told", async () => {
  const lookup = await open();
  assert.equal(await lookup.find("NCT99999999"), undefined);
  await assert.rejects(lookup.find("NCT00000002"), {
    name: "InputError",
    message: /no eligibility/,
  });
  await assert.rejects(lookup.find("NCT00000003"), { message: /NCT00000003: is malformed JSON/ });
  await assert.rejects(lookup.find("NCT00000004"), { message: /status 400: Bad fields/ });
  await assert.rejects(
    lookup.find("NCT00000005"),
    (error) =>
      error instanceof Transient && error.retryAfter === 7000 && /^127/.test(error.message),
  );
  await assert.rejects(
    lookup.find("NCT00000006"),
    (error) => error instanceof Transient && error.message.includes("no answer within 0.3 seconds"),
  );
  const before = asked.length;
  for (const other of ["NCT1", "../NCT00000001", "EU 12", ""])
    assert.equal(await lookup.find(other), undefined);
  assert.equal(asked.length, before, "only numbers of the registry are sent to it");
});

test("one who gives up, or has no network, hears of it", async () => {
  const patient = await open({ timeout: 60_000 });
  const signal = AbortSignal.timeout(50);
  await assert.rejects(patient.find("NCT00000006", signal), { name: "TimeoutError" });
  const away = await open({ registry: "http://registry.invalid/api" });
  await assert.rejects(
    away.find("NCT00000001"),
    (error) => error instanceof Unreachable || error instanceof Transient,
  );
  const before = asked.length;
  const offline = await open({ online: false });
  assert.equal(await offline.find("NCT00000001"), undefined);
  assert.equal(asked.length, before);
});

test("study files come first, compressed or not, and bad rows are told of", async () => {
  const lines = [
    JSON.stringify(study("NCT00000001", "Local")),
    JSON.stringify(study("NCT00000007", " ")),
    "{broken",
    JSON.stringify(study("nct00000008", "Eight")),
  ].join("\n");
  const made = { nctId: "NCT00000001", label: 1, drug: "A", condition: "Gout", criteria: "TOP" };
  const csv = file(
    "top.csv",
    topCsv([
      { ...made, label: 1 },
      { ...made, label: 0, nctId: "X 9" },
    ]),
  );
  const lookup = await open({ studies: [file("studies.ndjson.gz", gzipSync(lines)), csv] });
  const criteriaOf = async (id: string) => (await lookup.find(id))?.draft.eligibilityCriteria;
  assert.equal(await criteriaOf("NCT00000001"), "Local");
  assert.equal(await criteriaOf("NCT00000008"), "Eight");
  assert.equal((await lookup.find("X 9"))!.outcome.label, 0);
  assert.equal((await lookup.find("X 9"))!.source, "local");
  await assert.rejects(lookup.find("NCT00000007"), { message: /gz, row 2, .*no eligibility/ });
  assert.match(said.join(), /1 bad rows of the study files/);
  assert.equal(await criteriaOf("NCT00000010"), undefined);
  lookup.close();
  const left = readdirSync(root).filter((name) => name.startsWith("cladmop-studies-"));
  assert.deepEqual(left, []);
});
