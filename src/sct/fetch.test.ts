import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import type { Watcher } from "../base/watcher.js";
import { readTrials } from "../trial/index.js";
import { type FetchOptions, fetchStudies } from "./fetch.js";
import type { Pace } from "./page.js";

// A local server that behaves like the registry's API, its faults included.

/** Studies it has, and how many it puts on a page. */
const STUDIES = Array.from({ length: 7 }, (_, i) => `NCT0000000${i}`);
const PAGE = 3;
const study = (nctId: string) => ({
  protocolSection: {
    identificationModule: { nctId, briefTitle: "Ünïcode\u2028title" },
    eligibilityModule: { eligibilityCriteria: "Adults" },
    conditionsModule: { conditions: ["Gout"] },
    designModule: { studyType: "INTERVENTIONAL", phases: ["PHASE1"] },
  },
});

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
/** Answers instead of the next pages; when they are used up, the server is well. */
let faults: Answer[] = [];
/** The queries that it was asked, in order. */
let asked: URLSearchParams[] = [];

const respond =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** Tokens name the place where the page starts. */
function pageAt(start: number, next = start + PAGE): string {
  return JSON.stringify({
    studies: STUDIES.slice(start, start + PAGE).map(study),
    ...(next < STUDIES.length && { nextPageToken: `from-${next}` }),
    ...(start === 0 && { totalCount: STUDIES.length }),
  });
}

const server = createServer((request, response) => {
  const query = new URL(request.url!, "http://localhost").searchParams;
  asked.push(query);
  const fault = faults.shift();
  const start = /^(?:from-(\d))?$/.exec(query.get("pageToken") ?? "")?.[1] ?? "0";
  if (fault) fault(response, request);
  else respond(200, pageAt(Number(start)))(response, request);
});

const folder = mkdtempSync(join(tmpdir(), "cladmop-fetch-"));
const at = (name: string) => join(folder, name);
let url = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/studies`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  faults = [];
  asked = [];
});

const PACE: Pace = { rest: 0, firstWait: 1, tries: 4, patience: 60_000 };
let said: string[] = [];
const watcher: Watcher = { report() {}, say: (line) => said.push(line), stopping: () => false };
const run = (change: Partial<FetchOptions>, by = watcher) => {
  said = [];
  const options = { out: at("out.ndjson"), query: "AREA[Phase]PHASE1", url, resume: false };
  return fetchStudies({ ...options, pace: PACE, ...change }, by);
};
const idsIn = (name: string) => readTrials(at(name)).records.map(({ trial }) => trial.nctId);
const tokens = () => asked.map((query) => query.get("pageToken"));
const refused = (change: Partial<FetchOptions>, message: RegExp) =>
  assert.rejects(run(change), { name: "InputError", message });
/** Stops after so many reports of progress: the first comes before the first page. */
function stopAfter(reports: number): Watcher {
  let told = 0;
  return { ...watcher, report: () => told++, stopping: () => told > reports };
}
const unfinished = (name: string) => [
  existsSync(at(`${name}.part`)),
  existsSync(at(`${name}.state.json`)),
];

test("pages are asked for as the API wants it, and written as one file", async () => {
  for (const out of ["all.ndjson", "all.ndjson.gz"]) {
    asked = [];
    const result = await run({ out: at(out) });
    assert.deepEqual(result, { file: at(out), studies: 7, total: 7 });
    assert.deepEqual(idsIn(out), STUDIES);
    assert.deepEqual(tokens(), [null, "from-3", "from-6"]);
    assert.deepEqual(unfinished(out), [false, false]);
  }
  const [first, second] = asked;
  assert.equal(first!.get("pageSize"), "1000");
  assert.equal(first!.get("countTotal"), "true");
  assert.equal(second!.get("countTotal"), null);
  assert.equal(second!.get("filter.advanced"), "AREA[Phase]PHASE1");
  const fields = first!.get("fields")!.split(",");
  assert.ok(fields.includes("EligibilityCriteria") && fields.includes("InterventionOtherName"));
  assert.deepEqual(readFileSync(at("all.ndjson.gz")).subarray(0, 2), Buffer.from([0x1f, 0x8b]));
  await refused({ out: at("all.ndjson") }, /all\.ndjson: is there already\. Name another file/);
});

test("every passing fault is tried again, and loses or repeats no study", async () => {
  const whole = pageAt(0);
  const passing: [Answer, RegExp][] = [
    [respond(500, "oops"), /status 500: oops; trying again/],
    [respond(503, ""), /status 503:; trying/],
    [respond(200, whole.slice(0, 200)), /not a whole page of studies; trying/],
    [respond(200, "<html>Maintenance</html>"), /not a whole page/],
    [respond(200, '{"studies": [{"protocolSection": {}}]}'), /not a whole page/],
    [(_, request) => request.socket.destroy(), /no connection: .+; trying/],
    [
      (response, request) => {
        response.writeHead(200, { "content-length": whole.length });
        response.write(whole.slice(0, 100));
        setTimeout(() => request.socket.destroy(), 20);
      },
      /no connection: .+; trying/,
    ],
  ];
  for (const [index, [fault, message]] of passing.entries()) {
    const out = `fault-${index}.ndjson`;
    asked = [];
    faults = [respond(200, whole), fault];
    const { studies } = await run({ out: at(out) });
    assert.equal(studies, 7);
    assert.deepEqual(idsIn(out), STUDIES);
    assert.deepEqual(tokens(), [null, "from-3", "from-3", "from-6"]);
    assert.equal(said.length, 1);
    assert.match(said[0]!, message);
  }
});

test("the server's own waiting time is kept, in seconds or as a date", async () => {
  const began = Date.now();
  const soon = new Date(Math.ceil(began / 1000) * 1000 + 1000);
  faults = [
    respond(429, "slow down", { "retry-after": "1" }),
    respond(429, "slow down", { "retry-after": soon.toUTCString() }),
    respond(429, "slow down", { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }),
  ];
  await run({ out: at("patient.ndjson") });
  // Our own waits would have taken a few milliseconds.
  assert.ok(Date.now() - began >= 1000);
  assert.ok(Date.now() >= soon.getTime());
  assert.match(said[0]!, /status 429: slow down; trying again in 1 s/);
  assert.match(said[2]!, /trying again in 0 s/);
});

test("an answer that never ends is given up", async () => {
  faults = [respond(200, pageAt(0)), (response) => response.writeHead(200).write("{")];
  await run({ out: at("endless.ndjson"), pace: { ...PACE, patience: 300 } });
  assert.match(said[0]!, /no answer within 0\.3 seconds; trying/);
  assert.deepEqual(idsIn("endless.ndjson"), STUDIES);
});

test("a server that stays ill or is not there is given up, with the way to go on", async () => {
  const out = at("ill.ndjson");
  faults = [respond(200, pageAt(0)), ...Array.from({ length: 4 }, () => respond(502, ""))];
  await refused({ out }, /studies: status 502:, 4 times in a row\. .*--resume: .*part/);
  assert.deepEqual(unfinished("ill.ndjson"), [true, true]);
  asked = [];
  await run({ out, resume: true });
  assert.deepEqual(tokens(), ["from-3", "from-6"]);
  assert.deepEqual(idsIn("ill.ndjson"), STUDIES);

  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const { port } = gone.address() as AddressInfo;
  gone.close();
  const nowhere = { out: at("nowhere.ndjson"), url: `http://127.0.0.1:${port}/studies` };
  await refused(nowhere, /studies: no connection: .+, 4 times in a row\. .*, and start again\.?$/);
  assert.equal(said.length, 3);
  // What can never be reached is tried once; neither leaves a file behind.
  await refused({ ...nowhere, url: "http://nowhere.invalid/" }, /nowhere\.invalid: no connection/);
  await refused(
    { ...nowhere, url: "http://127.0.0.1:9/" },
    /:9: no connection: bad port\. Correct/,
  );
  assert.deepEqual(said, []);
  assert.deepEqual(unfinished("nowhere.ndjson"), [false, false]);
  await refused({ ...nowhere, url: "clinicaltrials.gov" }, /field "--url": is not a web address/);
});

test("a refusal is told at once, in the server's own words", async () => {
  faults = [respond(400, "Parameter `filter.advanced` has an\nerror")];
  const words = /answered 400 \(Parameter `filter\.advanced` has an error\)\. Correct --query/;
  await refused({ out: at("wrong.ndjson") }, words);
  assert.equal(asked.length, 1);
  faults = [respond(200, '{"studies": [], "totalCount": 0}')];
  await refused({ out: at("none.ndjson") }, /field "--query": no study matches\. Widen it/);
  assert.deepEqual(unfinished("none.ndjson"), [false, false]);
});

test("a server that repeats itself does not hold us forever", async () => {
  faults = [respond(200, pageAt(0)), respond(200, pageAt(3, 0)), respond(200, pageAt(0))];
  await refused({ out: at("loop.ndjson") }, /the server repeats itself: a page brought no new/);
});

test("a study that comes on two pages is written once, and a wrong count is told", async () => {
  faults = [respond(200, pageAt(0, 2)), respond(200, pageAt(2, 5))];
  await run({ out: at("shifted.ndjson") });
  assert.deepEqual(idsIn("shifted.ndjson"), STUDIES);
  assert.deepEqual(said, []);
  faults = [respond(200, JSON.stringify({ studies: [study("NCT1")], totalCount: 2 }))];
  await run({ out: at("fewer.ndjson") });
  assert.deepEqual(said, ["The registry counted 2 studies and gave 1."]);
});

test("a stopped download goes on where it was, whatever a kill left behind", async () => {
  for (const [index, out] of ["kill.ndjson", "kill.ndjson.gz"].entries()) {
    const resume = { out: at(out), resume: true };
    await assert.rejects(run({ out: at(out) }, stopAfter(1)), {
      name: "Interrupted",
      message: /Everything up to here is in .*\.part; go on with --resume/,
    });
    await refused({ out: at(out) }, /part: belongs to an unfinished download\. Add --resume/);
    await refused({ ...resume, query: "other" }, /field "--query": the unfinished download has an/);
    // A kill in the middle of writing a page leaves some of it, unknown to the state.
    writeFileSync(at(`${out}.part`), index === 0 ? '{"protocol' : "\x1f\x8b\x08", { flag: "a" });
    await assert.rejects(run(resume, stopAfter(1)), { name: "Interrupted" });
    asked = [];
    await run(resume);
    assert.deepEqual(tokens(), ["from-6"]);
    assert.deepEqual(idsIn(out), STUDIES);
    assert.deepEqual(unfinished(out), [false, false]);
  }
});

test("what cannot be resumed says so, and how to start again", async () => {
  const never = { out: at("never.ndjson"), resume: true };
  await refused(
    never,
    /never\.ndjson: there is no unfinished download to go on with\. Correct --out/,
  );
  const out = at("lost.ndjson");
  const state = `${out}.state.json`;
  await assert.rejects(run({ out }, stopAfter(1)), { name: "Interrupted" });
  const kept = readFileSync(state);
  faults = [respond(400, "Invalid page token")];
  await refused(
    { out, resume: true },
    /no longer known: .*\(Invalid page token\)\. Page tokens exp/,
  );
  writeFileSync(state, '{"url": 5}');
  await refused({ out, resume: true }, /state\.json: is not the state of a download\. Remove the/);
  writeFileSync(state, kept);
  const part = readFileSync(`${out}.part`, "utf8");
  writeFileSync(`${out}.part`, part.replace('"protocolSection"', '"protocolSectiom"'));
  await refused({ out, resume: true }, /part, row 1: was altered: this is no study\. Remove/);
  truncateSync(`${out}.part`, 10);
  await refused({ out, resume: true }, /part: lacks a part of what was downloaded\. Remove the/);
});

test("Ctrl-C is heard in the middle of a request and of a wait", async () => {
  let stop = false;
  const stoppable = { ...watcher, stopping: () => stop };
  const end = { name: "Interrupted", message: "Stopped. Nothing was written; start again." };
  faults = [
    (response) => {
      stop = true;
      response.writeHead(200).write("{"); // and nothing more
    },
  ];
  await assert.rejects(run({ out: at("request.ndjson") }, stoppable), end);
  stop = false;
  faults = [respond(429, "", { "retry-after": "3600" })];
  const say = () => {
    stop = true;
  };
  await assert.rejects(run({ out: at("wait.ndjson") }, { ...stoppable, say }), end);
});
