import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { compile, cpu, type Feed, floats, Graph, type Tensor } from "../graph/index.js";
import { readConfig } from "./architectures.js";
import { fixtureOf, formulaNumbers } from "./test-support.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-architectures-"));
after(() => rmSync(folder, { recursive: true }));

function modelOf(config: unknown) {
  const file = join(folder, "config.json");
  writeFileSync(file, JSON.stringify(config));
  return readConfig(file);
}

for (const type of ["gpt2", "bert", "llama", "qwen2", "qwen3"])
  test(`${type}: parameters as published, hidden states as PyTorch's`, async () => {
    const { config, parameters, ids, present, states } = fixtureOf(type);
    const model = modelOf(config);
    assert.deepEqual([...model.parameters].sort(), Object.entries(parameters).sort());
    const shape = [ids.length, ids[0]!.length];
    const graph = new Graph();
    const inputs = new Map<string, Tensor>();
    const feeds: Record<string, Feed> = { ids: Int32Array.from(ids.flat()) };
    for (const [name, parameterShape] of model.parameters) {
      inputs.set(name, graph.input(name, parameterShape));
      feeds[name] = formulaNumbers(name, parameterShape);
    }
    const idsInput = graph.input("ids", shape, "int32");
    if (model.bidirectional) feeds.present = Float32Array.from(present.flat());
    const presentInput = model.bidirectional ? graph.input("present", shape) : undefined;
    const results = model.states((name) => inputs.get(name)!, idsInput, presentInput);
    assert.equal(results.length, states.length);
    for (const [i, state] of results.entries()) graph.output(`state${i}`, state);
    const session = await compile(graph, cpu(1));
    const outputs = await session.run(feeds);
    await session.release();
    const seen = present.flat();
    for (const [i, expected] of states.entries()) {
      const actual = floats(outputs[`state${i}`]);
      assert.equal(actual.length, expected.length);
      for (const [j, value] of expected.entries())
        if (seen[Math.floor(j / model.width)] === 1)
          assert.ok(
            Math.abs(value - actual[j]!) < 2e-5,
            `state ${i}, number ${j}: ${actual[j]} instead of ${value}`,
          );
    }
  });

test("more tokens than the context are refused", () => {
  for (const type of ["gpt2", "bert", "llama"]) {
    const model = modelOf(fixtureOf(type).config);
    const graph = new Graph();
    const parameter = (name: string) => graph.input(name, model.parameters.get(name)!);
    const [ids, present] = [graph.input("ids", [1, 8], "int32"), graph.input("present", [1, 8])];
    assert.throws(() => model.states(parameter, ids, present), /8 tokens exceed .* of 7/);
  }
});

test("a window of tokens is never longer than what a model attends to", () => {
  const { config } = fixtureOf("llama");
  const contextOf = (fields: object) => modelOf({ ...config, ...fields }).context;
  const long = { max_position_embeddings: 32768 };
  assert.equal(contextOf({}), 7);
  assert.equal(contextOf(long), 2048);
  assert.equal(contextOf({ ...long, model_type: "mistral", sliding_window: 1024 }), 1024);
  assert.equal(contextOf({ ...long, model_type: "mistral", sliding_window: null }), 2048);
  const qwen = { ...long, model_type: "qwen2", sliding_window: 1024 };
  assert.equal(contextOf({ ...qwen, use_sliding_window: false }), 2048);
  assert.equal(contextOf({ ...qwen, use_sliding_window: true }), 1024);
});

test("biases and rotary settings are found where newer files have them", () => {
  const { config } = fixtureOf("llama");
  const { rope_theta, rope_scaling, ...rest } = config;
  modelOf({ ...rest, rope_parameters: { ...(rope_scaling as object), rope_theta } });
  const biased = modelOf({ ...config, attention_bias: true, mlp_bias: true }).parameters;
  for (const part of ["self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj"])
    assert.ok(biased.has(`model.layers.1.${part}.bias`), part);
});

test("a config.json that does not fit is refused by its field", () => {
  const cases: [type: string, change: object, field: string, problem: RegExp][] = [
    ["gpt2", { model_type: "t5" }, "model_type", /"t5", not a known architecture/],
    ["gpt2", { model_type: "toString" }, "model_type", /not a known architecture/],
    ["gpt2", { n_layer: 0 }, "n_layer", /positive whole number/],
    ["gpt2", { n_head: 3 }, "n_embd", /multiple of n_head/],
    ["gpt2", { activation_function: "mish" }, "activation_function", /none of gelu, gelu_new/],
    ["gpt2", { scale_attn_by_inverse_layer_idx: true }, "scale_attn_by_inverse_layer_idx", /false/],
    ["bert", { vocab_size: "13" }, "vocab_size", /positive whole number/],
    ["bert", { position_embedding_type: "relative_key" }, "position_embedding_type", /absolute/],
    ["bert", { is_decoder: true }, "is_decoder", /not false/],
    ["bert", { layer_norm_eps: 0 }, "layer_norm_eps", /positive number/],
    ["llama", { rms_norm_eps: undefined }, "rms_norm_eps", /positive number/],
    ["llama", { num_key_value_heads: 3 }, "num_attention_heads", /multiple of num_key_value/],
    ["llama", { head_dim: 3 }, "head_dim", /odd width/],
    ["llama", { head_dim: null, num_attention_heads: 3 }, "hidden_size", /multiple of num_att/],
    [
      "llama",
      { rope_scaling: { rope_type: "yarn" } },
      "rope_scaling.rope_type",
      /"yarn", where default, linear, llama3 are/,
    ],
    [
      "llama",
      { rope_scaling: { type: "dynamic" } },
      "rope_scaling.type",
      /"dynamic", where default/,
    ],
    ["llama", { rope_scaling: { type: "linear" } }, "rope_scaling.factor", /positive number/],
    [
      "llama",
      {
        rope_scaling: {
          ...(fixtureOf("llama").config.rope_scaling as object),
          high_freq_factor: 1,
        },
      },
      "rope_scaling.high_freq_factor",
      /not above low_freq_factor/,
    ],
    [
      "llama",
      { rope_scaling: { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 } },
      "rope_scaling.original_max_position_embeddings",
      /positive whole number/,
    ],
  ];
  for (const [type, change, field, problem] of cases)
    assert.throws(
      () => modelOf({ ...fixtureOf(type).config, ...change }),
      (error: { name: string; problem: string; location: { file: string; field: string } }) => {
        assert.equal(error.name, "InputError");
        assert.equal(error.location.file, join(folder, "config.json"));
        assert.equal(error.location.field, field, error.problem);
        assert.match(error.problem, problem);
        return true;
      },
    );
});
