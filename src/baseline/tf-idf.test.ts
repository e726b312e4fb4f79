import assert from "node:assert/strict";
import { test } from "node:test";
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
