import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import { fromFloat16 } from "../base/float16.js";
import { writeSafetensors } from "../base/safetensors.js";
import { compile, cpu, type Feed, floats, Graph, type Tensor } from "../graph/index.js";
import { bioGpt } from "./biogpt.js";
import { countBlocks } from "./checkpoint.js";
import { loadEncoder } from "./encoder.js";
import type { Level } from "./level.js";
import { writeRandomEncoder } from "./test-support.js";
import { Tokenizer } from "./tokenizer.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-encoder-"));
after(() => rmSync(root, { recursive: true }));

const SENTENCE =
  "- Creatinine clearance above 60 mL/min, measured within 14 days of the first dose\n";
const TEXTS = ["- Age of 18 years or more", SENTENCE, SENTENCE.repeat(2), SENTENCE.repeat(9)];
const LEVELS: Level[] = [
  { from: 1, to: 1, state: "last" },
  { from: 2, to: 3, state: "mean" },
];
const WIDTH = 16;
const CONTEXT = 128;
const folder = join(root, "whole");
const { config, weights } = writeRandomEncoder(folder, TEXTS, {
  width: WIDTH,
  blocks: 3,
  context: CONTEXT,
});

/** States after each block of some tokens, in one run of the model. */
async function statesOf(ids: Int32Array): Promise<Float32Array[]> {
  const graph = new Graph();
  const inputs = new Map<string, Tensor>();
  const feeds: Record<string, Feed> = { ids };
  for (const [name, { shape, data }] of weights) {
    inputs.set(name, graph.input(name, shape));
    feeds[name] = data;
  }
  const shape = [1, ids.length];
  const states = bioGpt(config).states(
    (name) => inputs.get(name)!,
    graph.input("ids", shape, "int32"),
  );
  for (const [i, state] of states.entries()) graph.output(`state${i}`, state);
  const session = await compile(graph, cpu(1));
  const results = await session.run(feeds);
  await session.release();
  return states.map((_, i) => floats(results[`state${i}`]));
}

/** Equal but for the rounding to float16 and the order of sums. */
function assertClose(actual: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(actual.length, expected.length, what);
  const size = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  assert.ok(worst < 2e-3 * size, `${what} is off by ${worst} of ${size}`);
}

test("a long text is read to its end, in windows that look back a quarter of the context", async () => {
  const encoder = loadEncoder(folder, LEVELS, cpu(1));
  const text = TEXTS.at(-1)!;
  const [states] = await encoder.encode([text]);
  const tokenizer = Tokenizer.fromFile(join(folder, "tokenizer.json"));
  const ids = Int32Array.from([tokenizer.endId, ...tokenizer.encode(text)]);
  assert.ok(ids.length > 2 * CONTEXT, `${ids.length} tokens need three windows`);
  assert.equal(states!.tokens, ids.length);
  assert.equal(encoder.countTokens(text), ids.length);

  const overlap = CONTEXT / 4;
  for (let fresh = 0; fresh < ids.length; ) {
    const start = Math.max(0, fresh - overlap);
    const end = Math.min(ids.length, start + CONTEXT);
    const alone = await statesOf(ids.subarray(start, end));
    const mean = alone[1]!.map((value, i) => (value + alone[2]![i]!) / 2);
    for (const [level, expected] of [alone[0]!, mean].entries()) {
      const actual = fromFloat16(states!.levels[level]!).subarray(fresh * WIDTH, end * WIDTH);
      assertClose(actual, expected.subarray((fresh - start) * WIDTH), `level ${level}, ${fresh}`);
    }
    fresh = end;
  }
  await encoder.release();
});

test("what else is encoded, and on how many cores, changes no bit of a text's states", async () => {
  const [encoder, other] = [
    loadEncoder(folder, LEVELS, cpu(2)),
    loadEncoder(folder, LEVELS, cpu(1)),
  ];
  const together = await encoder.encode([...TEXTS, ...TEXTS.toReversed()]);
  for (const [i, text] of TEXTS.entries()) {
    const [alone] = await other.encode([text]);
    assert.deepEqual(together[i], alone);
    assert.deepEqual(together[2 * TEXTS.length - 1 - i], alone);
  }
  await encoder.release();
  await other.release();
});

test("others come between parts of a long text, whose states are the same; it can be given up there", async () => {
  const encoder = loadEncoder(folder, LEVELS, cpu(1));
  const text = SENTENCE.repeat(100);
  const [expected] = await encoder.encode([text]);
  assert.ok(expected!.tokens > 1500);
  let turns = 0;
  const turn = async () => {
    turns++;
  };
  assert.deepEqual((await encoder.encode([text], { turn }))[0], expected);
  assert.ok(turns >= Math.floor(expected!.tokens / 1024), String(turns));
  turns = 0;
  await encoder.encode([SENTENCE], { turn });
  assert.equal(turns, 0);
  const stop = new AbortController();
  const reason = new Error("gone");
  const abort = async () => {
    turns++;
    stop.abort(reason);
  };
  await assert.rejects(encoder.encode([text], { turn: abort, signal: stop.signal }), reason);
  assert.equal(turns, 1);
  await encoder.release();
});

test("the hash is that of the files and levels: caches and fitted models hold on to it", () => {
  const files = ["config.json", "tokenizer.json", "model.safetensors"].map((name) =>
    sha256(readFileSync(join(folder, name))),
  );
  assert.equal(loadEncoder(folder, LEVELS, cpu(1)).hash, sha256(JSON.stringify([files, LEVELS])));
});

test("the hash tells encoders apart by levels, weights and tokenizer", () => {
  const whole = loadEncoder(folder, LEVELS, cpu(1)).hash;
  assert.equal(loadEncoder(folder, LEVELS, cpu(2)).hash, whole);
  const last = LEVELS.map((level): Level => ({ ...level, state: "last" }));
  const other = join(root, "other");
  writeRandomEncoder(other, TEXTS.slice(1), { width: WIDTH, blocks: 3, context: CONTEXT });
  const retokenised = loadEncoder(other, LEVELS, cpu(1)).hash;
  const name = "biogpt.layer_norm.bias";
  const data = weights.get(name)!.data.map((value) => value + 1);
  writeSafetensors(
    join(other, "model.safetensors"),
    new Map([...weights, [name, { shape: [WIDTH], data }]]),
    {
      dtype: "F32",
    },
  );
  const hashes = [
    whole,
    loadEncoder(folder, last, cpu(1)).hash,
    retokenised,
    loadEncoder(other, LEVELS, cpu(1)).hash,
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

test("a damaged encoder is refused with file and field", async (t) => {
  const damaged = join(root, "damaged");
  const model = join(damaged, "model.safetensors");
  const configFile = join(damaged, "config.json");
  const without = (name: string) => new Map([...weights].filter(([other]) => other !== name));
  const name = "biogpt.layers.2.fc1.bias";
  const cases: [
    what: string,
    damage: () => void,
    file: string,
    field: string | undefined,
    problem: RegExp,
  ][] = [
    ["no JSON", () => writeFileSync(configFile, "{"), configFile, undefined, /is malformed JSON/],
    [
      "null",
      () => writeFileSync(configFile, "null"),
      configFile,
      "model_type",
      /is undefined, not a/,
    ],
    ...Object.entries({
      model_type: "t5",
      hidden_size: 2.5,
      num_attention_heads: 0,
      hidden_act: "softsign",
      scale_embedding: undefined,
      layer_norm_eps: "1e-12",
    }).map(([field, value]): (typeof cases)[number] => [
      `${field} ${value}`,
      () => writeFileSync(configFile, JSON.stringify({ ...config, [field]: value })),
      configFile,
      field,
      /^is (n|"t5", not)/,
    ]),
    [
      "heads that do not divide the width",
      () => writeFileSync(configFile, JSON.stringify({ ...config, num_attention_heads: 3 })),
      configFile,
      "hidden_size",
      /multiple of num_attention_heads/,
    ],
    [
      "a missing tensor",
      () => writeSafetensors(model, without(name), { dtype: "F32" }),
      model,
      name,
      /is missing/,
    ],
    [
      "a tensor of another shape",
      () => {
        const wrong = { shape: [3], data: new Float32Array(3) };
        writeSafetensors(model, new Map([...weights, [name, wrong]]), { dtype: "F32" });
      },
      model,
      name,
      /has shape \[3\] where config.json says \[32\]/,
    ],
    [
      "truncated weights",
      () => writeFileSync(model, readFileSync(model).subarray(0, 100)),
      model,
      undefined,
      /no whole safetensors file/,
    ],
    ["no weights", () => rmSync(model), model, undefined, /cannot be read/],
  ];
  for (const [what, damage, file, field, problem] of cases)
    await t.test(what, () => {
      writeRandomEncoder(damaged, TEXTS, { width: WIDTH, blocks: 3, context: CONTEXT });
      damage();
      assert.throws(
        () => loadEncoder(damaged, LEVELS, cpu(1)),
        (error) => {
          assert.ok(error instanceof InputError, String(error));
          assert.equal(error.location.file, file);
          assert.equal(error.location.field, field);
          assert.match(error.problem, problem);
          return true;
        },
      );
    });
});

test("levels beyond the blocks are refused", () => {
  assert.equal(countBlocks(folder), 3);
  for (const [from, to] of [
    [0, 1],
    [2, 1],
    [3, 4],
  ] as const)
    assert.throws(() => loadEncoder(folder, [{ from, to, state: "last" }], cpu(1)), {
      name: "InputError",
      message: /config.json.*blocks \d to \d does not exist.*from 1 to 3/,
    });
});

test("what a text has in common with a known one is not read again, and is the same", async () => {
  const encoder = loadEncoder(folder, LEVELS, cpu(1));
  const text = SENTENCE.repeat(12);
  const [states] = await encoder.encode([text]);
  const changed = `${SENTENCE.repeat(10)}Adults`;
  const [expected] = await encoder.encode([changed]);
  const [actual] = await encoder.encode([changed], { known: { text, states: states! } });
  assert.deepEqual(actual!.tokens, expected!.tokens);
  for (const [level, bits] of actual!.levels.entries())
    assertClose(fromFloat16(bits), fromFloat16(expected!.levels[level]!), `level ${level}`);
  // The states of the first window are those that were given, whatever they are.
  const wrong = { ...states!, levels: states!.levels.map((bits) => bits.map(() => 0)) };
  const [taken] = await encoder.encode([changed], { known: { text, states: wrong } });
  const bits = taken!.levels[0]!;
  assert.ok(bits.subarray(0, CONTEXT * WIDTH).every((one) => one === 0));
  assert.ok(bits.subarray(-WIDTH).some((one) => one !== 0));
  await encoder.release();
});
