import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { cpu } from "../graph/index.js";
import type { Explanation, Neighbour, Prediction } from "../serving/answer.js";
import { indexPast } from "../serving/index-past.js";
import { openEngine } from "../serving/local-engine.js";
import { SHIPPED_MODEL } from "../serving/predictor.js";
import { madeUpTrials, topCsv } from "../serving/test-support.js";
import { parseStudy } from "../trial/ctgov.js";
import { type Draft, draftOf, trialOf } from "../trial/draft.js";
import { openBrowser, withoutBrowser } from "./test-browser.js";
import { buildHarness, call, openModel, serveModel } from "./test-local-server.js";

const skip = withoutBrowser;
/** Of a probability. */
const TOLERANCE = 1e-4;
const root = mkdtempSync(join(tmpdir(), "cladmop-local-"));
const built = join(root, "page");
const past = join(root, "past");
const studies = JSON.parse(
  readFileSync(new URL("../../examples/trials.json", import.meta.url), "utf8"),
) as unknown[];
let browser: Browser;

before(async () => {
  if (skip) return;
  const labelled = join(root, "trials.csv");
  writeFileSync(labelled, topCsv(madeUpTrials(12, 1)));
  const silent = { report() {}, say() {}, stopping: () => false };
  await indexPast({ inputs: [labelled], out: past, skipInvalid: false, ...cpu(1) }, silent);
  await buildHarness(built);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(root, { recursive: true });
});

/** A page with the model's server behind it; what it asks for, and what it complains about. */
async function openPage(options: Parameters<typeof serveModel>[1] = {}) {
  const server = await serveModel(built, options);
  const context = await browser.newContext();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("console", (message) => complaints.push(message.text()));
  context.on("weberror", (error) => complaints.push(error.error().message));
  const page = await context.newPage();
  await page.goto(server.url);
  const close = async () => {
    await context.close();
    server.close();
  };
  return { server, context, page, requests, complaints, close };
}

/** The largest difference of numbers at the same places; everything else is the same. */
function largestDifference(a: unknown, b: unknown, at = ""): number {
  if (typeof a === "number" && typeof b === "number") {
    // Effects are percentage points.
    return Math.abs(a - b) / (at.endsWith("/effect") ? 100 : 1);
  }
  if (typeof a !== "object" || a === null) {
    assert.deepEqual(a, b, at);
    return 0;
  }
  assert.ok(typeof b === "object" && b !== null, at);
  assert.deepEqual(Object.keys(a), Object.keys(b), at);
  const differences = Object.entries(a).map(([key, value]) =>
    largestDifference(value, (b as Record<string, unknown>)[key], `${at}/${key}`),
  );
  return Math.max(0, ...differences);
}

test("a browser says what Node says, and sends nothing once the model is loaded", {
  skip,
}, async (t) => {
  const { server, context, page, requests, complaints, close } = await openPage({ past });
  t.after(close);
  const engine = await openEngine({ model: SHIPPED_MODEL, past, threads: 1 });
  t.after(() => engine.release());
  const reports = await openModel(page);
  const { bytes, total } = reports.at(-1)!;
  assert.ok(bytes === total && total > 20e6, `${bytes} of ${total} bytes`);
  assert.ok(reports.every((report, i) => i === 0 || report.bytes >= reports[i - 1]!.bytes));

  const [asked, sent] = [server.asked.length, requests.length];
  await context.setOffline(true);
  let largest = 0;
  for (const [i, study] of studies.entries()) {
    const draft = await call<Draft>(page, "draftOf", study);
    const expected = draftOf(parseStudy(study, { file: "examples/trials.json", row: i + 1 }));
    assert.deepEqual(draft, expected);
    const own = trialOf(expected);
    const { id, prediction } = await call<{ id: null; prediction: Prediction }>(
      page,
      "predict",
      draft,
      { keep: true },
    );
    assert.equal(id, null);
    const [explanation, here] = await Promise.all([
      call<Explanation>(page, "explain", draft),
      engine.explain(own),
    ]);
    assert.ok(explanation.attributions.length > 0);
    const similar = await call<Neighbour[]>(page, "similar", draft, 3);
    assert.equal(similar.length, 3);
    largest = Math.max(
      largest,
      largestDifference((await engine.predict([own]))[0], prediction),
      largestDifference(here, explanation),
      largestDifference(await engine.similar(own, 3), similar),
    );
  }
  for (const [method, ...args] of [
    ["suggestDrugs", "imat", 5],
    ["suggestConditions", "lung c", 5],
    ["structure", "CC(=O)Oc1ccccc1C(=O)O"],
  ] as const) {
    const ask = engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
    const answer = await call<{ length: number }>(page, method, ...args);
    assert.ok(answer.length > 0);
    assert.deepEqual(answer, await ask(...args));
  }
  const [study] = studies;
  const long = trialOf(draftOf(parseStudy(study, { file: "", row: 1 })));
  await assert.rejects(engine.explain(long, { signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  await assert.rejects(call(page, "structure", "C(("), /RDKit rejects the SMILES/);
  await assert.rejects(call(page, "structure", "C".repeat(1900)), /is too large: 1900 atoms/);
  assert.ok(largest <= TOLERANCE, `the largest difference is ${largest}`);
  t.diagnostic(`largest difference between browser and Node: ${largest}`);

  await call(page, "release");
  assert.equal(server.asked.length, asked, `asked for ${server.asked.slice(asked)}`);
  assert.equal(requests.length, sent, `sent ${requests.slice(sent)}`);
  assert.ok(requests.every((url) => url.startsWith(server.url) || url.startsWith("data:")));
  assert.deepEqual(complaints, []); // of a Content-Security-Policy, among others
});

test("the browser keeps the files and fetches damaged ones anew; bad drafts are refused by their fields", {
  skip,
}, async (t) => {
  const { server, page, close } = await openPage({ isolated: true });
  t.after(close);
  const filesAsked = async () => {
    const before = server.asked.length;
    await openModel(page);
    return server.asked
      .slice(before)
      .filter((path) => path.startsWith("file "))
      .map((path) => path.slice("file ".length));
  };
  assert.ok((await filesAsked()).includes("encoder/model.safetensors"));
  await call(page, "release");
  await assert.rejects(call(page, "structure", "C"), /was switched off/);
  await page.evaluate(async () => {
    interface Store {
      keys(): Promise<{ url: string }[]>;
      put(key: unknown, value: unknown): Promise<void>;
    }
    const { caches, Response } = globalThis as unknown as {
      caches: { keys(): Promise<string[]>; open(name: string): Promise<Store> };
      Response: new (text: string) => unknown;
    };
    const cache = await caches.open((await caches.keys())[0]!);
    const key = (await cache.keys()).find(({ url }) => url.endsWith("drugs.tsv"));
    await cache.put(key, new Response("aspirin\tC"));
  });
  assert.deepEqual(await filesAsked(), ["drugs.tsv"]);

  // The same page: what it asks for in vain, and what it gives up.
  const { bad, stopped, later } = await page.evaluate(async () => {
    type Method = (trial: unknown, options: unknown) => Promise<unknown>;
    const { api } = globalThis as unknown as { api: Readonly<Record<string, Method>> };
    const told = ({ name, status, fields }: { [name: string]: unknown }) => ({
      name,
      status,
      fields: (fields as { field: string }[])?.map(({ field }) => field),
    });
    const stop = new AbortController();
    const trial = { phase: "1", eligibilityCriteria: "- Age of 18 years or more" };
    const givenUp = [
      api.predict!(trial, { signal: stop.signal }).catch(told),
      api.explain!(trial, stop.signal).catch(told),
    ];
    stop.abort();
    return {
      bad: await api.predict!({ phase: "5", eligibilityCriteria: "" }, {}).catch(told),
      stopped: (await Promise.all(givenUp)) as { name: string }[],
      later: (await api.predict!(trial, {})) as { prediction: Prediction },
    };
  });
  assert.deepEqual(bad, {
    name: "Problem",
    status: 400,
    fields: ["/trial/phase", "/trial/eligibilityCriteria"],
  });
  for (const { name } of stopped) assert.equal(name, "AbortError");
  assert.ok(later.prediction.probability > 0 && later.prediction.probability < 1);
});

test("an altered file of the model is refused by its name", { skip }, async (t) => {
  for (const altered of ["encoder/model.safetensors", "conditions.tsv"]) {
    const { page, close } = await openPage({ altered });
    t.after(close);
    await assert.rejects(openModel(page), (error: Error) => {
      assert.ok(error.message.includes(`${altered}: was altered (its SHA-256 does not match)`));
      return true;
    });
  }
});
