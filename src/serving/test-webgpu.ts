// What webgpu.test.ts runs on WebGPU: each test compares it to the CPU.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromFloat16 } from "../base/float16.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { cpu, type Processor } from "../graph/index.js";
import { testProcessor } from "../graph/test-device.js";
import { type Level, loadEncoder, loadLikelihood } from "../language/index.js";
import { writeRandomEncoder } from "../language/test-support.js";
import { createGrouper, createMatcher } from "../model/index.js";
import { DEPTH, madeUpTrial, TABLE, TINY } from "../model/test-support.js";
import { trainLanguage } from "../training/language.js";
import { Draft, trialOf } from "../trial/draft.js";
import { loadPredictor, SHIPPED_MODEL } from "./predictor.js";
import { madeUpTrials, SMALL_LANGUAGE, textsNdjson } from "./test-support.js";

/** Run by itself it computes on no device. */
const skip = testProcessor.device === "cpu";
const TOLERANCE = 1e-4;
const root = mkdtempSync(join(tmpdir(), "cladmop-webgpu-"));
after(() => rmSync(root, { recursive: true }));
const silent: Watcher = { report() {}, say() {}, stopping: () => false };

/** ‖a − b‖ ≤ tolerance · ‖b‖ for the numbers that each processor gives. */
async function assertSame(
  numbers: (processor: Processor) => Promise<Iterable<number>>,
): Promise<void> {
  const expected = [...(await numbers(cpu(1)))];
  const actual = [...(await numbers(testProcessor))];
  assert.ok(expected.length > 0 && actual.length === expected.length);
  const error = Math.hypot(...expected.map((x, i) => x - actual[i]!)) / Math.hypot(...expected);
  assert.ok(error <= TOLERANCE, `off by ${error}`);
}

test("hidden states and a likelihood", { skip }, async () => {
  const sentence =
    "- Creatinine clearance above 60 mL/min, measured within 14 days of the first dose\n";
  const texts = ["- Age of 18 years or more", sentence];
  const folder = join(root, "encoder");
  writeRandomEncoder(folder, texts, { width: 16, blocks: 2, context: 64 });
  const levels: Level[] = [
    { from: 1, to: 1, state: "last" },
    { from: 1, to: 2, state: "mean" },
  ];
  await assertSame(async (processor) => {
    const encoder = loadEncoder(folder, levels, processor);
    const states = await encoder.encode(texts);
    await encoder.release();
    return states.flatMap((one) => one.levels.flatMap((level) => [...fromFloat16(level)]));
  });
  await assertSame(async (processor) => {
    const scorer = loadLikelihood(folder, processor);
    const loss = await scorer.meanLoss(texts[1]!);
    await scorer.release();
    return [loss];
  });
});

test("a prediction of the shipped model", { skip }, async () => {
  const trial = trialOf(
    Draft.parse({
      phase: "1",
      eligibilityCriteria: "- Age of 18 years or more\n- Written consent",
    }),
  );
  await assertSame(async (processor) => {
    const predictor = await loadPredictor(SHIPPED_MODEL, processor);
    const [prediction] = await predictor.predict([trial]);
    await predictor.release();
    return [prediction!.probability, ...prediction!.interval];
  });
});

test("grouping and matching", { skip }, async () => {
  const trials = Array.from({ length: 8 }, (_, i) => madeUpTrial(i));
  await assertSame(async (processor) => {
    const settings = { seed: 1, processor, batch: 4 };
    const grouper = await createGrouper(TINY, new Map(), { ...settings, depth: DEPTH });
    const grouped = await grouper.group(trials.map(({ states }) => states));
    await grouper.release();
    const rows = trials.map(({ features }, i) => ({
      features,
      grouped: grouped[i]!,
      label: i % 2,
    }));
    const matcher = await createMatcher(TINY, TABLE, new Map(), settings);
    const matches = await matcher.match(rows);
    await matcher.release();
    return [
      ...grouped.flat().flatMap((level) => [...level]),
      ...matches.flatMap(({ criteria, molecules }) => [...criteria, ...molecules]),
    ];
  });
});

test("training steps: losses, and a run that is stopped and resumed", { skip }, async () => {
  const texts = join(root, "texts.ndjson");
  writeFileSync(texts, textsNdjson(madeUpTrials(120, 1)));
  const options = { ...SMALL_LANGUAGE, texts, width: 64, blocks: 1, context: 32, epochs: 0.1 };
  const train = async (
    name: string,
    processor: Processor,
    resume: boolean,
    stopAfter = Infinity,
  ) => {
    const out = join(root, name);
    let step = 0;
    const watcher: Watcher = {
      ...silent,
      report: ({ stage, done }) => {
        if (stage.startsWith("Training")) step = done;
      },
      stopping: () => step >= stopAfter,
    };
    await trainLanguage({ ...options, ...processor, out, resume }, watcher);
    return readFileSync(join(out, "metrics.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { loss: number; perplexity: number })
      .flatMap(({ loss, perplexity }) => [loss, perplexity]);
  };
  await assertSame(async (processor) => {
    if (processor.device === "cpu") return train("whole", processor, false);
    await assert.rejects(train("stopped", processor, false, 2), Interrupted);
    return train("stopped", processor, true);
  });
  const other = train("stopped", cpu(1), true);
  await assert.rejects(other, /field "device": differs from the run that is to be resumed/);
});
