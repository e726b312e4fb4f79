import assert from "node:assert/strict";
import { test } from "node:test";
import { denseRows, fitLogisticRegression, probabilitiesOf } from "../shallow/index.js";
import { madeUp, OPTIONS } from "./test-support.js";
import { tfIdfCharacters, tfIdfWords } from "./tf-idf.js";

test("terms of few texts need not be in several", () => {
  const predict = tfIdfWords.fitTexts(["healthy adults", "severe disease"], [1, 0]);
  const [healthy, ill] = predict(["healthy", "disease"]);
  assert.ok(healthy! > 0.5 && ill! < 0.5);
});

test("a baseline reads the criteria, and a text by itself is read alike", async () => {
  const { trials, labels } = madeUp(40, "texts");
  const texts = trials.map(({ features }) => features.text);
  for (const baseline of [tfIdfWords, tfIdfCharacters]) {
    const score = await baseline.fit({ trials, labels }, undefined, OPTIONS);
    assert.deepEqual(await score(trials), baseline.fitTexts(texts, labels)(texts));
  }
});

test("a pool of texts without labels decides terms and their weights", () => {
  const texts = ["healthy adults", "disease adults"];
  const pool = [...texts, ...Array(98).fill("adults healthy volunteers")];
  const score = tfIdfWords.fitTexts(texts, [1, 0], pool);
  // "disease" is in one text of the pool, which is too few: its trial has no term that the other has not.
  const [bare, disease] = score(["adults", "disease adults"]);
  assert.equal(bare, disease);
  // "healthy" is in 99 of 100 texts: idf = ln(101 / 100) + 1, that of "adults" is 1.
  const idf = Math.log(101 / 100) + 1;
  const norm = Math.hypot(idf, 1);
  const x = denseRows([Float32Array.of(1 / norm, idf / norm), Float32Array.of(1, 0)]);
  const model = fitLogisticRegression(x, [1, 0]);
  probabilitiesOf(model, x).forEach((p, i) => {
    assert.ok(Math.abs(p - score(texts)[i]!) < 1e-6);
  });
});

test("a pool of the training trials changes nothing", async () => {
  const training = madeUp(40, "texts");
  for (const baseline of [tfIdfWords, tfIdfCharacters]) {
    const [alone, pooled] = await Promise.all(
      [undefined, training.trials].map(async (pool) => {
        const score = await baseline.fit(training, undefined, { ...OPTIONS, pool });
        return score(training.trials);
      }),
    );
    assert.deepEqual(pooled, alone);
  }
});
