import assert from "node:assert/strict";
import { test } from "node:test";
import { levelsOf, PRESETS } from "./config.js";

test("the preset paper has the published figures", () => {
  const { paper } = PRESETS;
  assert.deepEqual(levelsOf(paper, 24), [
    { from: 1, to: 6, state: "last" },
    { from: 7, to: 12, state: "last" },
    { from: 13, to: 18, state: "last" },
  ]);
  assert.deepEqual(paper.centroids, [100, 50, 25]);
  assert.equal(paper.selfAttention, 2);
  assert.equal(paper.logitScale, 0.6);
  assert.equal(paper.lora.rank, 8);
  assert.equal(paper.finetuning.headLearningRate, 1e-2);
  assert.equal(paper.finetuning.loraLearningRate, 5e-2);
  assert.equal(paper.shallow, false);
});

test("every language model has each level: whole blocks in order, none twice where there are enough", () => {
  for (const config of Object.values(PRESETS))
    for (let blocks = 1; blocks <= 30; blocks++) {
      const levels = levelsOf(config, blocks);
      assert.equal(levels.length, config.levels.length);
      for (const [i, { from, to }] of levels.entries()) {
        assert.ok(1 <= from && from <= to && to <= blocks, `${blocks} blocks: ${from} to ${to}`);
        if (blocks >= 6 && i > 0) assert.equal(from, levels[i - 1]!.to + 1);
      }
    }
});
