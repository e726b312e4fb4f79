import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromFloat16 } from "../base/float16.js";
import { writeSafetensors } from "../base/safetensors.js";
import { compile, cpu, type Feed, floats, Graph } from "../graph/index.js";
import { parameterInputs } from "./architecture.js";
import { trainBpe } from "./bpe.js";
import { checkpointFiles, countBlocks, readCheckpoint } from "./checkpoint.js";
import { loadEncoder } from "./encoder.js";
import type { Level } from "./level.js";
import { loadLikelihood } from "./likelihood.js";
import { fixtureOf, tensorsOf, writeFixture } from "./test-support.js";

// Encoders from published files: checkpoints of bench/reference/language-models.py.

const root = mkdtempSync(join(tmpdir(), "cladmop-published-"));
after(() => rmSync(root, { recursive: true }));
const bert = join(root, "bert");
const fixture = writeFixture(bert, "bert");
/** The same weights, exported by bench/reference/bert-onnx.py. */
const ready = join(root, "ready");
writeFixture(ready, "bert");
rmSync(join(ready, "model.safetensors"));
copyFileSync(
  new URL("../../src/language/fixtures/bert.onnx", import.meta.url),
  join(ready, "model.onnx"),
);

const LEVELS: Level[] = [
  { from: 1, to: 1, state: "last" },
  { from: 1, to: 2, state: "mean" },
];
const WIDTH = 8;
const [START, END] = [2, 3];
const TEXTS = ["", "a", "a b. ab", "abc d. ed a cab. bad e a. dab"];

/** The levels of some tokens alone, [level][tokens × width]. */
async function levelsOf(ids: readonly number[]): Promise<Float32Array[]> {
  const { model } = readCheckpoint(bert);
  const graph = new Graph();
  const inputs = parameterInputs(graph, model.parameters);
  const feeds: Record<string, Feed> = {
    ids: Int32Array.from(ids),
    present: new Float32Array(ids.length).fill(1),
  };
  for (const [name, { data }] of tensorsOf(fixture)) feeds[name] = data;
  const shape = [1, ids.length];
  const states = model.states(
    (name) => inputs.get(name)!,
    graph.input("ids", shape, "int32"),
    graph.input("present", shape),
  );
  for (const i of [0, 1]) graph.output(`state${i}`, states[i]!);
  const session = await compile(graph, cpu(1));
  const results = await session.run(feeds);
  await session.release();
  const [first, second] = [floats(results.state0), floats(results.state1)];
  return [first, first.map((value, i) => (value + second[i]!) / 2)];
}

function assertClose(actual: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(value - actual[i]!) < 2e-3, `${what}: ${actual[i]} instead of ${value}`);
}

test("BERT reads a long text in windows that are texts of their own", async () => {
  const encoder = loadEncoder(bert, LEVELS, cpu(1));
  const { tokenizer } = readCheckpoint(bert);
  const states = await encoder.encode(TEXTS);
  for (const [i, text] of TEXTS.entries()) {
    const document = [START, ...tokenizer.encode(text)];
    assert.equal(states[i]!.tokens, document.length);
    assert.equal(encoder.countTokens(text), document.length);
    // A context of 7 has room for 5 between [CLS] and [SEP]; 1 of them is looked back on.
    for (let fresh = 0; fresh < document.length; ) {
      const start = Math.max(0, fresh - 1);
      const end = Math.min(document.length, start + 5);
      const head = start > 0 ? [START] : [];
      const alone = await levelsOf([...head, ...document.slice(start, end), END]);
      const skipped = head.length + fresh - start;
      for (const [level, expected] of alone.entries())
        assertClose(
          fromFloat16(states[i]!.levels[level]!).subarray(fresh * WIDTH, end * WIDTH),
          expected.subarray(skipped * WIDTH, (skipped + end - fresh) * WIDTH),
          `text ${i}, level ${level}, from ${fresh}`,
        );
      fresh = end;
    }
  }
  assert.ok(states.at(-1)!.tokens > 10, "the last text needs three windows");
  await encoder.release();
});

test("an ONNX file gives the states of the same weights", async () => {
  assert.equal(countBlocks(ready), 2);
  assert.deepEqual(checkpointFiles(ready), ["config.json", "vocab.txt", "model.onnx"]);
  const [fromWeights, fromOnnx] = [
    loadEncoder(bert, LEVELS, cpu(1)),
    loadEncoder(ready, LEVELS, cpu(1)),
  ];
  assert.notEqual(fromOnnx.hash, fromWeights.hash);
  const [expected, actual] = [await fromWeights.encode(TEXTS), await fromOnnx.encode(TEXTS)];
  for (const [i, { tokens, levels }] of expected.entries()) {
    assert.equal(actual[i]!.tokens, tokens);
    for (const [level, states] of levels.entries())
      assertClose(
        fromFloat16(actual[i]!.levels[level]!),
        fromFloat16(states),
        `text ${i}, level ${level}`,
      );
  }
  await fromWeights.release();
  await fromOnnx.release();
});

/** Writes a fixture with a tokenizer.json that has the first so many tokens. */
function writeDecoder(type: string, tokens: string[]): string {
  const folder = join(root, `${type}-${tokens.length}`);
  writeFixture(folder, type);
  const json = trainBpe([], { vocabularySize: 260 });
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const model = { ...json.model, unk_token: tokens[0], vocab };
  writeFileSync(
    join(folder, "tokenizer.json"),
    JSON.stringify({ ...json, added_tokens: [], model }),
  );
  return folder;
}

test("a decoder whose tokenizer puts nothing around a text reads it as one stream", async () => {
  for (const type of ["gpt2", "llama", "qwen2", "qwen3"]) {
    const folder = writeDecoder(type, [..."?abcdefghi"]);
    const encoder = loadEncoder(folder, LEVELS, cpu(1));
    const texts = ["", "a", "abc", "abcdefghiabc"];
    const states = await encoder.encode(texts);
    // An empty text has the states of the padding token.
    assert.deepEqual(
      states.map(({ tokens }) => tokens),
      [1, 1, 3, 12],
    );
    // What comes after changes nothing within the first window, of 7 tokens.
    const [whole, part] = [states[3]!, states[2]!].map(({ levels }) => fromFloat16(levels[1]!));
    assertClose(whole!.subarray(0, 3 * WIDTH), part!, type);
    assert.ok(whole!.every(Number.isFinite));
    await encoder.release();
  }
});

test("a likelihood is that of a model whose output layer is its embedding", async () => {
  const text = "abc";
  for (const type of ["gpt2", "qwen2"]) {
    const scorer = loadLikelihood(writeDecoder(type, [..."?abcdefghi"]), cpu(1));
    assert.ok((await scorer.meanLoss(text)) > 0);
    await assert.rejects(scorer.meanLoss("a"), RangeError); // nothing comes before its only token
    await scorer.release();
  }
  for (const folder of [bert, writeDecoder("llama", [..."?abc"])])
    assert.throws(
      () => loadLikelihood(folder, cpu(1)),
      /field "model_type": the model has no output/,
    );
  assert.throws(
    () => loadLikelihood(ready, cpu(1)),
    /model.onnx: gives hidden states, no likelihoods/,
  );
});

test("a tokenizer with more ids than the model has embeddings is refused", () => {
  const folder = writeDecoder("gpt2", [..."?abcdefghijklm"]);
  assert.throws(() => loadEncoder(folder, LEVELS, cpu(1)), {
    name: "InputError",
    message: /tokenizer.json: has ids up to 13 where config.json's vocab_size is 13\./,
  });
});

test("hidden states that are not finite in float16 are refused, be they too large or of broken weights", async () => {
  const folder = writeDecoder("gpt2", [..."?abcde"]);
  const broken = "transformer.h.0.mlp.c_fc.bias";
  const changes: ((value: number, name: string) => number)[] = [
    (value) => value * 1e4,
    (value, name) => (name === broken ? NaN : value),
    (value, name) => (name === broken ? Infinity : value),
  ];
  for (const change of changes) {
    const tensors = tensorsOf(fixtureOf("gpt2"));
    for (const [name, { data }] of tensors)
      for (const [i, value] of data.entries()) data[i] = change(value, name);
    writeSafetensors(join(folder, "model.safetensors"), tensors, { dtype: "F32" });
    const encoder = loadEncoder(folder, LEVELS, cpu(1));
    await assert.rejects(encoder.encode(["abc"]), {
      name: "InputError",
      message: `${folder}: the hidden states of blocks 1 to 1 are not finite in float16. Check the weights, or choose levels of other blocks`,
    });
    await encoder.release();
  }
});

test("a context without room for text is refused", () => {
  const folder = join(root, "narrow");
  writeFixture(folder, "bert");
  rmSync(join(folder, "model.safetensors"));
  writeFileSync(join(folder, "model.onnx"), "");
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ ...fixture.config, max_position_embeddings: 2 }),
  );
  assert.throws(
    () => loadEncoder(folder, LEVELS, cpu(1)),
    /no room for text beside 2 special tokens/,
  );
});

test("an ONNX file that does not fit is refused with what is wrong", async () => {
  const config = (change: object) =>
    writeFileSync(join(ready, "config.json"), JSON.stringify({ ...fixture.config, ...change }));
  const refused = async (levels: readonly Level[], problem: RegExp) => {
    const encoder = loadEncoder(ready, levels, cpu(1));
    await assert.rejects(encoder.encode(["a"]), { name: "InputError", message: problem });
  };
  config({ num_hidden_layers: 3 });
  await refused([{ from: 3, to: 3, state: "last" }], /"hidden_states.3": is missing from the out/);
  config({ hidden_size: 9 });
  await refused(LEVELS, /"hidden_states.1": is float32 of shape \[1, 7, 8\], not .* \[1, 7, 9\]/);
  config({ max_position_embeddings: 8 });
  await refused(LEVELS, /model.onnx: does not run on 1 × 8 tokens/);
  config({ num_hidden_layers: undefined });
  assert.throws(() => loadEncoder(ready, LEVELS, cpu(1)), /"num_hidden_layers": is not a positive/);
  config({});
  writeFileSync(join(ready, "model.onnx"), "no model");
  await refused(LEVELS, /model.onnx: cannot be loaded/);
});
