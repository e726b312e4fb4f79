// How fast are the criteria of real trials encoded, beside PyTorch on the same cores? The windows are the same,
// each engine has a process of its own, they take turns within one run; medians over all rounds, and the best.
//
//   node bench/encode.js [--only shipped,biogpt] [--texts 100] [--rounds 5] [--threads 2] [--blocks 4]
//                        [--data ../shared/data/top/phase_I_train.csv] [--python /usr/bin/python3]
//
// shipped  the encoder of models/top
// biogpt   blocks of the published BioGPT's size, of random numbers: some of its 24, on a fifth of the texts
//
// ours      float32, and int8 as `cladmop quantize` writes it
// PyTorch   float32 (bench/reference/engine.py), its windows ready: padded to the longest of 32 in the file's
//           order, and sorted by length into batches of as many tokens as suits it best; and, sorted, with
//           PyTorch's own dynamic int8
//
// Tokens are those of the windows, padding not counted. Ours are read from texts: what that takes on one core
// is taken off and shown by itself. Measure on a quiet machine.
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { readText } from "../dist/base/file.js";
import { Random } from "../dist/base/random.js";
import { writeSafetensors } from "../dist/base/safetensors.js";
import { dataPath } from "../dist/base/test-data.js";
import { sizeOf } from "../dist/graph/index.js";
import { readCheckpoint } from "../dist/language/checkpoint.js";
import { bioGpt } from "../dist/language/index.js";
import { quantizeEncoder } from "../dist/language/quantize.js";
import { readingsOf } from "../dist/language/window.js";
import { levelsOf, PRESETS } from "../dist/model/index.js";
import { plainText, readTrials } from "../dist/trial/index.js";
import { BIOGPT } from "./engine-tasks.js";
import { median, OPENBLAS, start } from "./measure.js";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "shipped,biogpt" },
    texts: { type: "string", default: "100" },
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    blocks: { type: "string", default: "4" },
    data: { type: "string", default: dataPath("top/phase_I_train.csv") },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});
const SHIPPED = fileURLToPath(new URL("../models/top/encoder", import.meta.url));
const silent = { report() {}, say() {}, stopping: () => false };
const temporary = mkdtempSync(join(tmpdir(), "cladmop-encode-"));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));

/** Criteria spread over the file; without it, sentences of ours in lengths like theirs. */
function someTexts(count) {
  if (existsSync(options.data)) {
    const all = readTrials(options.data, {}).records.map(({ trial }) =>
      plainText(trial.eligibilityCriteria),
    );
    const unique = [...new Set(all)];
    return Array.from({ length: count }, (_, i) => unique[Math.floor((i * unique.length) / count)]);
  }
  console.log(
    `${options.data} is absent: generated texts, in lengths like those of TOP's phase I.`,
  );
  const random = new Random("bench/encode");
  const sentence = "- Creatinine clearance above 60 mL/min within 14 days of the first dose\n";
  // Log-normal: a median of 350 tokens and a mean of 510; a sentence has about 19.
  return Array.from({ length: count }, () =>
    sentence.repeat(Math.max(1, Math.round((350 / 19) * Math.exp(0.87 * random.normal())))),
  );
}

/** A checkpoint of BioGPT's size with fewer blocks, and the shipped tokenizer. */
function writeLarge() {
  const folder = join(temporary, "biogpt");
  cpSync(SHIPPED, folder, { recursive: true });
  const config = { ...BIOGPT, vocab_size: 8192, num_hidden_layers: Number(options.blocks) };
  const weights = new Map();
  for (const [name, shape] of bioGpt(config).parameters) {
    const random = new Random(name);
    const gain = shape.length === 1 && name.endsWith("norm.weight") ? 1 : 0;
    const noise = shape.length > 1 ? shape.at(-1) ** -0.5 : 0;
    const uniform = () => gain + noise * (2 * random.uniform() - 1);
    weights.set(name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, uniform) });
  }
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeSafetensors(join(folder, "model.safetensors"), weights, { dtype: "F32" });
  return folder;
}

const TASKS = {
  shipped: () => ({ folder: SHIPPED, texts: someTexts(Number(options.texts)) }),
  biogpt: () => ({ folder: writeLarge(), texts: someTexts(Math.ceil(options.texts / 5)) }),
};

const table = new Table({
  head: ["encoder", "engine", "tokens/s", "best", "s", "tokenising s", "mean |state|"],
  style: { head: [], border: [] },
});
for (const task of options.only.split(",")) {
  const { folder, texts } = TASKS[task]();
  const int8 = join(temporary, `${task}-int8`);
  await quantizeEncoder({ encoder: folder, out: int8 }, silent);
  const { model, tokenizer } = readCheckpoint(folder);
  const config = JSON.parse(readText(join(folder, "config.json")));
  const windows = texts.flatMap((text) =>
    readingsOf([...tokenizer.start, ...tokenizer.encode(text)], tokenizer, model.context),
  );
  const tokens = windows.reduce((sum, { ids }) => sum + ids.length, 0);
  const levels = levelsOf(PRESETS.default, model.blocks);
  const work = join(temporary, `${task}.json`);
  writeFileSync(work, JSON.stringify({ texts, windows, levels }));

  const engines = {};
  for (const [name, encoder] of Object.entries({ "ours, float32": folder, "ours, int8": int8 })) {
    engines[name] = start(process.execPath, ["encode-worker.js", encoder, work, options.threads]);
    await engines[name].read();
  }
  const twins = {
    "PyTorch, file order": { sorted: false, batch: 32 },
    ...Object.fromEntries(
      [512, 2048, 8192].map((batch) => [
        `PyTorch, sorted, ${batch} tokens`,
        { sorted: true, batch },
      ]),
    ),
    "PyTorch int8, sorted, 2048 tokens": { sorted: true, batch: 2048, int8: true },
  };
  for (const [name, settings] of Object.entries(twins)) {
    const twin = start(options.python, ["reference/engine.py"], {
      OMP_NUM_THREADS: options.threads,
      LD_LIBRARY_PATH: OPENBLAS,
    });
    const description = {
      task: "corpus",
      config: { ...config, ...settings },
      weights: join(folder, "model.safetensors"),
      work,
      levels: levels.map(({ to }) => to),
      threads: Number(options.threads),
      values: [],
    };
    if (await twin.ask(JSON.stringify(description))) engines[name] = twin;
  }
  const seen = Object.fromEntries(Object.keys(engines).map((name) => [name, []]));
  for (let round = 0; round <= Number(options.rounds); round++)
    for (const [name, engine] of Object.entries(engines)) {
      const result = await engine.ask(1);
      if (round > 0) seen[name].push(result); // the first warms up
    }
  for (const [name, results] of Object.entries(seen)) {
    engines[name].end();
    const tokenising = median(results.map((result) => result.tokenising ?? 0));
    const times = results.map((result) => result.times[0] - tokenising);
    const seconds = median(times);
    table.push([
      task,
      name,
      Math.round(tokens / seconds),
      Math.round(tokens / Math.min(...times)),
      seconds.toFixed(2),
      tokenising.toFixed(2),
      results[0].agreement.toPrecision(5),
    ]);
  }
  const full = windows.filter(({ ids }) => ids.length === model.context).length;
  console.log(
    `${task}: ${texts.length} texts, ${windows.length} windows, ${full} of them full, ${tokens} tokens`,
  );
}
console.log(table.toString());
console.log(
  `${options.threads} threads on ${cpus()[0].model}; load average ${loadavg()[0].toFixed(1)}.`,
);
