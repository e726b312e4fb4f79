// How long does the model take in a browser, and how much memory?
//
//   npm run build && node bench/browser.js
//
// Needs Chromium (/usr/bin/chromium). Prints, without threads and with those of a page that is isolated from other
// origins, the time until the model is loaded (fetched, then from the browser's cache), that of the first and of the
// median prediction and explanation of examples/trials.json, the memory of the page's process before, with and after
// the model; the same in Node; and the sizes of what a browser fetches.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Table from "cli-table3";
import { openBrowser } from "../dist/service/test-browser.js";
import { buildHarness, call, openModel, serveModel } from "../dist/service/test-local-server.js";
import { openEngine } from "../dist/serving/local-engine.js";
import { modelFiles } from "../dist/serving/model-files.js";
import { SHIPPED_MODEL } from "../dist/serving/predictor.js";
import { parseStudy } from "../dist/trial/ctgov.js";
import { draftOf, trialOf } from "../dist/trial/draft.js";
import { median } from "./measure.js";

const ROUNDS = 3;
const studies = JSON.parse(readFileSync("examples/trials.json", "utf8"));
const drafts = studies.map((study, i) => draftOf(parseStudy(study, { file: "", row: i + 1 })));

async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Milliseconds of the first prediction, and the medians of both. */
async function times({ predict, explain }) {
  const first = await timed(() => predict(drafts[0]));
  const all = { predict: [], explain: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const draft of drafts) {
      all.explain.push(await timed(() => explain(draft)));
      all.predict.push(await timed(() => predict(draft)));
    }
  return [first, median(all.predict), median(all.explain)].map((ms) => `${ms.toFixed(0)} ms`);
}

/** Megabytes of the largest of the browser's processes that show pages. */
async function memory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]));
  return `${(Math.max(...sizes) / 1024).toFixed(0)} MB`;
}

async function inBrowser(built, isolated) {
  const server = await serveModel(built, { isolated });
  const browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(server.url);
  const bare = await memory(browser);
  const fetched = await timed(() => openModel(page));
  await call(page, "release");
  const cached = await timed(() => openModel(page));
  const measured = await times({
    predict: (draft) => call(page, "predict", draft, {}),
    explain: (draft) => call(page, "explain", draft),
  });
  const loaded = await memory(browser);
  await call(page, "release");
  await page.requestGC();
  await new Promise((resolve) => setTimeout(resolve, 2000)); // until the worker is gone
  const after = await memory(browser);
  await browser.close();
  server.close();
  const loading = [fetched, cached].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  return [...loading, ...measured, bare, loaded, after];
}

async function inNode() {
  let engine;
  const threads = availableParallelism();
  const loading = await timed(async () => {
    engine = await openEngine({ model: SHIPPED_MODEL, threads });
  });
  const measured = await times({
    predict: (draft) => engine.predict([trialOf(draft)]),
    explain: (draft) => engine.explain(trialOf(draft)),
  });
  await engine.release();
  return ["", `${(loading / 1000).toFixed(1)} s`, ...measured, "", "", ""];
}

function printSizes(built) {
  const table = new Table({ head: ["fetched", "kB", "kB gzip"] });
  const kilobytes = (bytes) => (bytes / 1000).toFixed(0);
  const files = readdirSync(join(built, "assets")).map((name) => [
    name,
    join(built, "assets", name),
  ]);
  for (const [name, path] of [
    ...files,
    ...modelFiles(SHIPPED_MODEL).map(({ name, path }) => [name, path]),
  ]) {
    const bytes = readFileSync(path);
    table.push([name, kilobytes(bytes.length), kilobytes(gzipSync(bytes).length)]);
  }
  console.log(table.toString());
}

const built = mkdtempSync(join(tmpdir(), "cladmop-browser-"));
console.log(cpus()[0].model, `${availableParallelism()} cores, Node ${process.version}`);
await buildHarness(built);
const head = [
  "",
  "load",
  "cached",
  "first",
  "predict",
  "explain",
  "memory before",
  "with",
  "after",
];
const table = new Table({ head });
table.push(["browser", ...(await inBrowser(built, false))]);
table.push(["browser, isolated", ...(await inBrowser(built, true))]);
table.push(["Node", ...(await inNode())]);
console.log(table.toString());
printSizes(built);
rmSync(built, { recursive: true });
