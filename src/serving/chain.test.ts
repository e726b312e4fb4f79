import assert from "node:assert/strict";
import {
  cpSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "../base/error.js";
import { readBytes, readText, sha256 } from "../base/file.js";
import { fromFloat16, toFloat16 } from "../base/float16.js";
import type { Watcher } from "../base/watcher.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import { rocAuc } from "../evaluation/index.js";
import { cpu } from "../graph/index.js";
import { COMMIT, layCache } from "../language/hub/fake-hub.js";
import { readModel } from "../model/index.js";
import { finetune } from "../training/finetune.js";
import { trainLanguage } from "../training/language.js";
import { type BaseCard, pretrain } from "../training/pretrain.js";
import { readTrials } from "../trial/index.js";
import { loadPredictor } from "./predictor.js";
import { DECISIVE, madeUpTrials, SMALL_LANGUAGE, textsNdjson, topCsv } from "./test-support.js";

// The whole chain on made-up trials: language model, pre-training, fine-tuning, prediction.

const root = mkdtempSync(join(tmpdir(), "cladmop-chain-"));
after(() => rmSync(root, { recursive: true }));
const write = (name: string, text: string) => {
  writeFileSync(join(root, name), text);
  return join(root, name);
};
const silent: Watcher = { report: () => {}, say: () => {}, stopping: () => false };

const language = await trainLanguage(
  {
    ...SMALL_LANGUAGE,
    texts: write("texts.ndjson", textsNdjson(madeUpTrials(200, 1))),
    out: join(root, "language"),
    epochs: 1,
  },
  silent,
);
// The encoder is given by the name of a model in a cache, as it would be of a published one.
const hub = join(root, "hub");
process.env.HF_HUB_CACHE = hub;
process.env.HF_HUB_OFFLINE = "1";
const MODEL = "made-up/language";
const ENCODER_FILES = ["config.json", "tokenizer.json", "model.safetensors"];
const encoderFiles = ENCODER_FILES.map((name) => [name, readBytes(join(language.encoder, name))]);
layCache(hub, MODEL, Object.fromEntries(encoderFiles));
const COMMON = {
  cache: join(root, "cache"),
  cacheLimit: 1,
  drugs: SHIPPED_VOCABULARY,
  conditions: SHIPPED_CONDITIONS,
  encoder: MODEL,
  preset: "default",
  skipInvalid: false,
  seed: 1,
  ...cpu(1),
} as const;
const TEST = write("test.csv", topCsv(madeUpTrials(60, 40_000)));
// Of these 67 are held out by their hashes, enough for a batch.
const successful = madeUpTrials(1100, 103_000).map((trial) => ({ ...trial, label: 1 as const }));
const base = await pretrain(
  {
    ...COMMON,
    trials: [write("successful.csv", topCsv(successful))],
    studies: [],
    approved: write("approved.csv", "smiles\nCCO"),
    exclude: [TEST],
    excludeDrugs: false,
    out: join(root, "base"),
    resume: false,
    epochs: 1,
  },
  silent,
);
const failed = (trial: ReturnType<typeof madeUpTrials>[number]) => ({
  ...trial,
  label: 0 as const,
});
const fineTuning = {
  ...COMMON,
  encoder: undefined, // the base's
  base: base.folder,
  train: [write("train.csv", topCsv(madeUpTrials(80, 20_000)))],
  valid: [write("valid.csv", topCsv(madeUpTrials(40, 30_000)))],
  out: join(root, "tuned"),
};
const tuned = await finetune({ ...fineTuning, resume: false }, silent);
const { records } = readTrials(TEST);
const trials = records.map(({ trial }) => trial);

test("criteria are matched to their drugs and diseases", () => {
  const { accuracy, chance } = base.heldOut;
  assert.ok(accuracy > 2 * chance, `${accuracy} matched, ${chance} by chance`);
});

test("an encoder's name and commit are kept, and a model holds its files", () => {
  const model = `${MODEL}@${COMMIT}`;
  for (const folder of [base.folder, fineTuning.out, join(fineTuning.out, "member-0")])
    assert.equal(JSON.parse(readText(join(folder, "config.json"))).encoder, model);
  assert.equal(readModel<BaseCard>(base.folder, "base").card.encoder.model, model);
  for (const name of ENCODER_FILES) {
    const copy = join(tuned.model, "encoder", name);
    assert.ok(lstatSync(copy).isFile(), name); // no link into the cache
    assert.deepEqual(readBytes(copy), readBytes(join(language.encoder, name)));
  }
});

test("a fine-tuned model ranks trials it has not seen, between the bounds of its intervals", async () => {
  const predictor = await loadPredictor(tuned.model, cpu(1));
  const predictions = await predictor.predict(trials);
  assert.deepEqual(
    predictions.map(({ nctId }) => nctId),
    trials.map(({ nctId }) => nctId),
  );
  for (const { probability, interval } of predictions) {
    const [low, high] = interval;
    assert.ok(0 < low && low < probability && probability < high && high < 1, `${probability}`);
  }
  const labels = records.map(({ outcome }) => outcome.label!);
  const probabilities = predictions.map(({ probability }) => probability);
  const auc = rocAuc(labels, probabilities);
  assert.ok(auc > 0.8, `ROC-AUC ${auc}`);

  // What else is asked for changes nothing but the order of sums.
  const { prediction: alone } = await predictor.explain(trials[7]!);
  assert.ok(Math.abs(alone.probability - predictions[7]!.probability) < 1e-3);
  await predictor.release();
});

test("a model lists the trials it has seen", async () => {
  const { seen, release } = await loadPredictor(tuned.model, cpu(1));
  const { pretraining, training, validation } = seen!;
  const of = (count: number, first: number) => madeUpTrials(count, first).map(({ nctId }) => nctId);
  assert.deepEqual([training, validation], [of(80, 20_000), of(40, 30_000)]);
  const known = new Set(successful.map(({ nctId }) => nctId));
  assert.ok(pretraining.length > 900 && pretraining.every((id) => known.has(id)));
  await release();
});

test("the decisive statement is the strongest reason, and says in which direction", async () => {
  const predictor = await loadPredictor(tuned.model, cpu(1));
  for (const trial of trials.slice(0, 8)) {
    const { attributions } = await predictor.explain(trial);
    const told = DECISIVE.findIndex((text) => trial.eligibilityCriteria.includes(text));
    const strongest = attributions.toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect))[0]!;
    assert.equal(strongest.text, DECISIVE[told]);
    assert.ok(told === 1 ? strongest.effect > 1 : strongest.effect < -1, `${strongest.effect}`);
  }
  await predictor.release();
});

test("fine-tuning leaves the base as it was; every member learns LoRA and head of its own", () => {
  const { parameters: frozen } = readModel(base.folder, "base");
  const { parameters } = readModel(tuned.model, "model");
  const learned = [...parameters].filter(([name]) => name.startsWith("member-"));
  for (const [name, { data }] of parameters)
    if (!name.startsWith("member-"))
      assert.deepEqual(data, fromFloat16(toFloat16(frozen.get(name)!.data)), name);
  assert.ok(parameters.size - learned.length > 50);
  for (const [name, { data }] of learned) {
    assert.match(name, /^member-\d\/(head\.|.*\.lora\.[ab]$)/);
    // Both start at zero.
    if (/lora\.b$|head\.out\.weight$/.test(name))
      assert.ok(
        data.some((value) => value !== 0),
        name,
      );
  }
});

test("a run's folder says with what and how its members were fitted", () => {
  const content = (name: string) => readFileSync(join(fineTuning.out, name), "utf8");
  const { command, seed, data } = JSON.parse(content("config.json"));
  assert.deepEqual([command, seed], ["finetune", fineTuning.seed]);
  assert.equal(data["train.csv"], sha256(readBytes(fineTuning.train[0]!)));
  const lines = content("metrics.ndjson").trimEnd().split("\n");
  const steps = lines.map((line, member) => {
    const metrics = JSON.parse(line);
    assert.equal(metrics.member, member);
    assert.ok(metrics.rocAuc > 0.5, line);
    return metrics.step;
  });
  assert.deepEqual(steps, tuned.steps);
});

test("the same seed gives the same model; a member that is missing is fitted anew", async () => {
  const files = ["model/model.safetensors", "model/shallow.safetensors", "metrics.ndjson"].map(
    (name) => join(fineTuning.out, name),
  );
  const before = files.map((file) => sha256(readBytes(file)));
  rmSync(join(fineTuning.out, "member-1"), { recursive: true });
  rmSync(tuned.model, { recursive: true });
  const again = await finetune({ ...fineTuning, resume: true }, silent);
  assert.deepEqual(again, tuned);
  assert.deepEqual(
    files.map((file) => sha256(readBytes(file))),
    before,
  );
});

test("an altered model or another encoder is refused by name", async () => {
  const copy = join(root, "copy");
  const refused = async (name: string, damage: (file: string) => void) => {
    cpSync(tuned.model, copy, { recursive: true });
    damage(join(copy, name));
    await assert.rejects(loadPredictor(copy, cpu(1)), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.ok(error.location.file?.startsWith(join(copy, name)), error.message);
      return true;
    });
    rmSync(copy, { recursive: true });
  };
  const flip = (file: string) => {
    const content = readFileSync(file);
    content[content.length - 100]! ^= 1;
    writeFileSync(file, content);
  };
  await refused("model.safetensors", flip);
  await refused("trials.json", flip);
  await refused("shallow.safetensors", (file) => truncateSync(file, 1000));
  await refused("model.json", (file) => writeFileSync(file, "{}"));
  await refused("encoder", (folder) => flip(join(folder, "model.safetensors")));
  await refused("encoder", (folder) => rmSync(folder, { recursive: true }));
  const other = await trainLanguage(
    {
      ...SMALL_LANGUAGE,
      texts: join(root, "texts.ndjson"),
      out: join(root, "other language"),
      vocabulary: 300,
      epochs: 0.1,
    },
    silent,
  );
  await assert.rejects(
    finetune(
      { ...fineTuning, encoder: other.encoder, out: join(root, "wrong"), resume: false },
      silent,
    ),
    { name: "InputError", message: /is not the encoder that the base was pre-trained with/ },
  );
});

test("labelled trials that were pre-trained on are refused", async () => {
  const train = [
    write("seen.csv", topCsv([...successful.slice(0, 3), ...madeUpTrials(30, 90_000)])),
  ];
  await assert.rejects(
    finetune({ ...fineTuning, train, out: join(root, "seen"), resume: false }, silent),
    /was pre-trained on 3 of the labelled trials, such as NCT00103000\. Pre-train again/,
  );
});

test("a split with too few trials of one outcome is refused by the name of its file", async () => {
  const valid = [write("failed.csv", topCsv(madeUpTrials(40, 80_000).map(failed)))];
  await assert.rejects(
    finetune({ ...fineTuning, valid, out: join(root, "failed"), resume: false }, silent),
    /failed\.csv, field "label": 0 of 40 labels are 1\. Give 1 or more trials of either outcome/,
  );
});
