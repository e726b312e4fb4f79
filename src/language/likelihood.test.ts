import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { compile, cpu, type Feed, floats, Graph, type Tensor } from "../graph/index.js";
import { bioGpt } from "./biogpt.js";
import { loadLikelihood } from "./likelihood.js";
import { nextTokenLogits } from "./loss.js";
import { writeRandomEncoder } from "./test-support.js";
import { Tokenizer } from "./tokenizer.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-likelihood-"));
after(() => rmSync(root, { recursive: true }));

const SENTENCE =
  "- Creatinine clearance above 60 mL/min, measured within 14 days of the first dose\n";
const CONTEXT = 96;
const { config, weights } = writeRandomEncoder(root, ["- Age of 18 years or more", SENTENCE], {
  width: 16,
  blocks: 2,
  context: CONTEXT,
});
const tokenizer = Tokenizer.fromFile(join(root, "tokenizer.json"));

/** Negative log-likelihood of each token after the first, from the logits of one run of the model. */
async function losses(tokens: readonly number[]): Promise<number[]> {
  const graph = new Graph();
  const inputs = new Map<string, Tensor>();
  const feeds: Record<string, Feed> = { ids: Int32Array.from(tokens.slice(0, -1)) };
  for (const [name, { shape, data }] of weights) {
    inputs.set(name, graph.input(name, shape));
    feeds[name] = data;
  }
  const parameter = (name: string) => inputs.get(name)!;
  const ids = graph.input("ids", [1, tokens.length - 1], "int32");
  const model = bioGpt(config);
  graph.output("logits", nextTokenLogits(model, parameter, model.states(parameter, ids).at(-1)!));
  const session = await compile(graph, cpu(1));
  const logits = floats((await session.run(feeds)).logits);
  await session.release();
  return tokens.slice(1).map((token, i) => {
    const row = logits.subarray(i * config.vocab_size, (i + 1) * config.vocab_size);
    const highest = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - highest), 0);
    return highest + Math.log(sum) - row[token]!;
  });
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-4, `${actual} instead of ${expected}`);

test("the mean loss of a text is that of its logits, whatever pads it", async () => {
  const scorer = loadLikelihood(root, cpu(1));
  for (const text of [SENTENCE, "- Age", "a"]) {
    const tokens = [tokenizer.endId, ...tokenizer.encode(text)];
    assert.ok(tokens.length <= CONTEXT);
    close(await scorer.meanLoss(text), mean(await losses(tokens)));
  }
  await scorer.release();
});

test("every token of a long text is scored once, looking back a quarter of the context", async () => {
  const text = SENTENCE.repeat(6);
  const tokens = [tokenizer.endId, ...tokenizer.encode(text)];
  const expected: number[] = [];
  while (expected.length < tokens.length - 1) {
    const start = Math.max(0, expected.length - CONTEXT / 4);
    const window = await losses(tokens.slice(start, start + CONTEXT + 1));
    expected.push(...window.slice(expected.length - start));
  }
  assert.ok(expected.length > 2 * CONTEXT, `${expected.length} tokens need three windows`);
  assert.equal(expected.length, tokens.length - 1);
  const scorer = loadLikelihood(root, cpu(1));
  close(await scorer.meanLoss(text), mean(expected));
  await assert.rejects(scorer.meanLoss(""), RangeError);
  await scorer.release();
});
