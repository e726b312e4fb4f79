// What do a million trials cost `cladmop encode`, beside ten thousand? The job is that of the command, on
// generated records with a tiny random encoder, so that reading, cutting and storing show.
//
//   node bench/store.js [--trials 10000x400,10000x5,100000x5,1000000x5] [--folder DIR]
//
// Trials times words of each: those of 400 are as long as the registry's, those of five let a million end soon. Each has processes of its own: one encodes, one runs the same again (nothing is left to encode),
// one opens the finished store and reads it at random and in order. What they write, in a new folder in DIR (by default
// that of the system for temporary files), is deleted at the end.
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Random } from "../dist/base/random.js";
import { writeRandomEncoder } from "../dist/language/test-support.js";
import { PRESETS } from "../dist/model/index.js";
import { encodeFiles, openEncoder } from "../dist/training/encode.js";
import { checkTrials, plainText } from "../dist/trial/index.js";

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "10000x400,10000x5,100000x5,1000000x5" },
    folder: { type: "string", default: tmpdir() },
    step: { type: "string" }, // what a process of its own is to do
  },
});
const WORDS =
  "adults women men with without asthma gout fever migraine diabetes history of any active severe mild known " +
  "prior use treatment age years months drug dose kidney liver heart disease normal function no and or stable";
const SILENT = { report() {}, say() {}, stopping: () => false };
const GETS = 2000;

const settingsIn = (folder) => ({
  files: [join(folder, "trials.ndjson")],
  encoder: join(folder, "encoder"),
  cache: join(folder, "cache"),
  ...{ cacheLimit: 100, preset: "default", jobs: 1, device: "cpu", threads: 1, skipInvalid: false },
});

/** With five words a text, some 20 tokens, nearly all texts differ. */
function* records(count, length) {
  const words = WORDS.split(" ");
  const random = new Random("store");
  for (let i = 0; i < count; i++) {
    const text = Array.from({ length }, () => words[random.integer(words.length)]).join(" ");
    const protocolSection = {
      identificationModule: { nctId: `NCT${String(i).padStart(8, "0")}` },
      eligibilityModule: { eligibilityCriteria: text },
      conditionsModule: { conditions: ["Gout"] },
      designModule: { phases: ["PHASE2"] },
    };
    yield `${JSON.stringify({ protocolSection })}\n`;
  }
}

async function encode(folder) {
  return await encodeFiles(settingsIn(folder), SILENT);
}

/** Times of opening, of reading 2,000 texts from all over, and of reading all of them in order. */
async function read(folder) {
  const settings = settingsIn(folder);
  const before = performance.now();
  const { store, encoder } = openEncoder(settings.encoder, PRESETS.default, settings);
  const opening = performance.now() - before;
  const trials = await checkTrials(settings.files, settings.cache, settings, SILENT);
  const some = [];
  const every = Math.max(1, Math.floor(trials.length / GETS));
  let inOrder = 0;
  let row = 0;
  for await (const { eligibilityCriteria } of trials) {
    const text = plainText(eligibilityCriteria);
    const start = performance.now();
    if (store.get(text) === undefined) throw new Error(`"${text}" is not in the store`);
    inOrder += performance.now() - start;
    if (row++ % every === 0) some.push(text);
  }
  const order = new Random("order").permutation(some.length);
  const start = performance.now();
  for (const i of order) store.get(some[i]);
  const random = (performance.now() - start) / some.length;
  store.close();
  await encoder.release();
  return { opening, random, inOrder: inOrder / row };
}

if (options.step !== undefined) {
  const result = await { encode, read }[options.step](options.folder);
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); // KiB, µs
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ ...result, cpu, peak: maxRSS / 1024 }));
  process.exit();
}

function inProcess(step, folder) {
  const { status, stdout } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), "--step", step, "--folder", folder],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (status !== 0) throw new Error(`${step} failed`);
  return JSON.parse(stdout);
}

const table = new Table({
  head: ["", ...options.trials.split(",")],
  style: { head: [], border: [] },
});
const rows = {};
const note = (name, value) => {
  rows[name] ??= [];
  rows[name].push(value);
};
for (const [count, length] of options.trials
  .split(",")
  .map((size) => size.split("x").map(Number))) {
  const folder = mkdtempSync(join(options.folder, "cladmop-store-"));
  mkdirSync(join(folder, "cache"));
  writeRandomEncoder(join(folder, "encoder"), [WORDS], { width: 16, blocks: 3, context: 24 });
  await pipeline(records(count, length), createWriteStream(join(folder, "trials.ndjson")));
  const first = inProcess("encode", folder);
  const again = inProcess("encode", folder);
  const { opening, random, inOrder, peak } = inProcess("read", folder);
  const shards = readdirSync(join(folder, "cache"));
  const bytes = shards.reduce((sum, name) => sum + statSync(join(folder, "cache", name)).size, 0);
  note("tokens", first.tokens);
  note("encode: trials/s", Math.round(first.trials / first.seconds));
  note("encode: peak RSS, MiB", Math.round(first.peak));
  note("encode: CPU seconds", first.cpu.toFixed(1));
  note("encode again: trials/s", Math.round(again.trials / again.seconds));
  note("encode again: CPU seconds", again.cpu.toFixed(1));
  note("encode again: peak RSS, MiB", Math.round(again.peak));
  note("shards", shards.length);
  note("MB on disk", Math.round(bytes / 1e6));
  note("open: ms", Math.round(opening));
  note("get at random: µs", Math.round(1000 * random));
  note("get in order: µs", (1000 * inOrder).toFixed(1));
  note("read: peak RSS, MiB", Math.round(peak));
  rmSync(folder, { recursive: true });
}
for (const [name, values] of Object.entries(rows)) table.push([name, ...values]);
console.log(table.toString());
