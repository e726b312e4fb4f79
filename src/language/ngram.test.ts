import assert from "node:assert/strict";
import { test } from "node:test";
import { NgramModel } from "./ngram.js";

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

test("bigrams: the probabilities computed by hand", () => {
  // Bigrams: (start 0) 3 times, (0 1) twice, (0 2) once: one single, one double, so D = 1/3.
  // Unigrams follow one distinct token each: no double, so D = 1/2, and P(w) = 1/3 for each w.
  const model = new NgramModel(
    [
      [0, 1],
      [0, 1],
      [0, 2],
    ],
    { order: 2, vocabularySize: 3 },
  );
  near(model.probability(1, [0]), 17 / 27); // (2 - 1/3)/3 + (1/3 · 2/3) · 1/3
  near(model.probability(2, [0]), 8 / 27);
  near(model.probability(0, [0]), 2 / 27);
  near(model.probability(0, []), 25 / 27); // (3 - 1/3)/3 + (1/3 · 1/3) · 1/3
  near(model.probability(0, [1]), 1 / 3); // 1 never has a successor
  near(model.perplexity([[0, 1]]), 1 / Math.sqrt((25 / 27) * (17 / 27)));
});

test("trigrams: lower orders count distinct predecessors, not occurrences", () => {
  // 2 always follows (0 1): as a trigram it is seen 3 times, but after one token only.
  const sequences = [
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 2],
    [3, 1, 4],
    [5, 1, 4],
  ];
  const model = new NgramModel(sequences, { order: 3, vocabularySize: 6 });
  assert.ok(model.probability(2, [0, 1]) > 0.7);
  assert.ok(model.probability(4, [2, 1]) > 1.5 * model.probability(2, [2, 1]));
});

test("probabilities sum to one for seen and unseen histories, in every order", () => {
  const random = (i: number): number => Math.floor(((i * 7919) % 104729) ** 2 % 61) % 11;
  const sequences = Array.from({ length: 30 }, (_, s) =>
    Array.from({ length: 20 }, (_, i) => random(s * 20 + i + 1)),
  );
  for (const order of [1, 2, 3]) {
    const model = new NgramModel(sequences, { order, vocabularySize: 13 }); // 11 and 12 never occur
    for (const history of [[], [0], [1, 2], [12], [3, 12], [12, 4], [5, 6, 7]]) {
      let sum = 0;
      for (let token = 0; token < 13; token++) sum += model.probability(token, history);
      near(sum, 1);
    }
    assert.ok(model.perplexity([[11, 12]]) > 13);
    assert.ok(model.perplexity(sequences) < 13);
  }
});

test("a unigram model forgets the history", () => {
  const model = new NgramModel([[0, 0, 1], [0]], { order: 1, vocabularySize: 2 });
  // Counts 3 and 1, no double, so D = 1/2: (3 - 1/2)/4 + (1/2 · 2/4) · 1/2
  near(model.probability(0, []), 0.75);
  near(model.probability(0, [1]), 0.75);
});
