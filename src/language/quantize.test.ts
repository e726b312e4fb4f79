import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromFloat16 } from "../base/float16.js";
import {
  bytesOf,
  openSafetensors,
  type RawTensor,
  writeRawTensors,
  writeSafetensors,
} from "../base/safetensors.js";
import type { Watcher } from "../base/watcher.js";
import { compile, cpu, floats, Graph } from "../graph/index.js";
import { isLinear, weightInputs } from "./architecture.js";
import { readConfig } from "./architectures.js";
import { loadEncoder } from "./encoder.js";
import { loadLikelihood } from "./likelihood.js";
import { quantizeEncoder } from "./quantize.js";
import { tensorsOf, writeFixture, writeRandomEncoder } from "./test-support.js";
import { readWeights } from "./weights.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-quantize-"));
after(() => rmSync(root, { recursive: true }));
const silent: Watcher = { report() {}, say() {}, stopping: () => false };
const quantize = (encoder: string, out: string) => quantizeEncoder({ encoder, out }, silent);

function tensorsIn(file: string): Map<string, RawTensor> {
  const { tensors, close } = openSafetensors(file);
  const all = [...tensors].map(([name, { dtype, shape, bytes }]): [string, RawTensor] => [
    name,
    { dtype, shape, bytes: new Uint8Array(bytes()) },
  ]);
  close();
  return new Map(all);
}

for (const type of ["gpt2", "bert", "llama", "qwen2", "qwen3"])
  test(`${type}: int8 weights are the float32 ones but for rounding, and so are hidden states`, async () => {
    const [whole, small] = [join(root, type), join(root, `${type}-int8`)];
    const { ids, present, states } = writeFixture(whole, type);
    const { layers } = await quantize(whole, small);
    const model = readConfig(join(small, "config.json"));
    const linear = [...model.parameters].filter(([name, shape]) => isLinear(name, shape));
    assert.equal(layers, linear.length);
    const before = tensorsIn(join(whole, "model.safetensors"));
    const stored = tensorsIn(join(small, "model.safetensors"));
    assert.equal(stored.size, before.size + layers);
    for (const [name, tensor] of before) {
      if (!linear.some(([other]) => other === name)) {
        assert.deepEqual(stored.get(name), tensor, name);
        continue;
      }
      const { dtype, shape, bytes } = stored.get(name)!;
      const scale = stored.get(`${name}_scale`)!;
      assert.deepEqual([dtype, shape], ["I8", tensor.shape]);
      const [rows, columns] = shape as [number, number];
      assert.deepEqual(scale.shape, type === "gpt2" ? [1, columns] : [rows, 1]);
      const [numbers, rounded] = [tensor, scale].map(
        ({ bytes }) => new Float32Array(bytes.slice().buffer),
      ) as [Float32Array, Float32Array];
      for (const [i, value] of new Int8Array(bytes.slice().buffer).entries()) {
        const step = rounded[type === "gpt2" ? i % columns : Math.floor(i / columns)]!;
        assert.ok(Math.abs(value * step - numbers[i]!) <= step * 0.5001, `${name}[${i}]`);
      }
    }

    const weights = readWeights(small, model);
    const graph = new Graph();
    const inputs = weightInputs(graph, weights);
    const shape = [ids.length, ids[0]!.length];
    const idsInput = graph.input("ids", shape, "int32");
    const presentInput = model.bidirectional ? graph.input("present", shape) : undefined;
    const results = model.states((name) => inputs.get(name)!, idsInput, presentInput);
    for (const [i, state] of results.entries()) graph.output(`state${i}`, state);
    const session = await compile(graph, cpu(1));
    const seen = Float32Array.from(present.flat());
    const outputs = await session.run({
      ...Object.fromEntries(weights),
      ids: Int32Array.from(ids.flat()),
      ...(model.bidirectional && { present: seen }),
    });
    await session.release();
    for (const [i, expected] of states.entries()) {
      const actual = floats(outputs[`state${i}`]);
      const kept = expected.flatMap((value, j) =>
        seen[Math.floor(j / model.width)] === 1 ? [[value, actual[j]!] as const] : [],
      );
      const error = Math.sqrt(kept.reduce((sum, [a, b]) => sum + (a - b) ** 2, 0));
      const size = Math.sqrt(kept.reduce((sum, [a]) => sum + a ** 2, 0));
      assert.ok(error < 0.06 * size, `state ${i} is off by ${error} of ${size}`);
      assert.ok(error > 1e-5 * size, "as exact as float32: nothing was quantised");
    }
  });

const TEXTS = ["- Age of 18 years or more", "- Informed consent, in writing\n".repeat(9)];
const LEVELS = [{ from: 1, to: 2, state: "last" }] as const;

test("an int8 encoder has a hash of its own, and a text's states do not depend on others", async () => {
  const [whole, small] = [join(root, "whole"), join(root, "small")];
  writeRandomEncoder(whole, TEXTS, { width: 32, blocks: 2, context: 64 });
  const { bytes } = await quantize(whole, small);
  assert.ok(bytes[1] < bytes[0]);
  const [first, second] = [whole, small].map((folder) => loadEncoder(folder, LEVELS, cpu(2)));
  assert.notEqual(first!.hash, second!.hash);
  const [alone] = await second!.encode(TEXTS.slice(0, 1));
  const [together] = await second!.encode(TEXTS);
  assert.deepEqual(together, alone);
  const [exact] = await first!.encode(TEXTS.slice(0, 1));
  const [wanted, actual] = [exact!, alone!].map(({ levels }) => fromFloat16(levels[0]!));
  const error = Math.hypot(...wanted!.map((value, i) => value - actual![i]!));
  assert.ok(error < 0.03 * Math.hypot(...wanted!), `off by ${error}`);
  for (const encoder of [first!, second!]) await encoder.release();
});

test("int8 weights are refused on a graphics card, before anything runs on it", async () => {
  const [whole, small] = [join(root, "of-card"), join(root, "of-card-int8")];
  writeRandomEncoder(whole, TEXTS, { width: 8, blocks: 2, context: 8 });
  await quantize(whole, small);
  for (const device of ["webgpu", "cuda"] as const)
    for (const load of [
      () => loadEncoder(small, LEVELS, { device, threads: 1 }),
      () => loadLikelihood(small, { device, threads: 1 }),
    ])
      assert.throws(load, {
        name: "InputError",
        message: /of-card-int8: has int8 weights.*CPU alone/,
      });
  loadEncoder(whole, LEVELS, { device: "webgpu", threads: 1 });
});

test("shards stay shards, and their index names the scales", async () => {
  const [whole, small] = [join(root, "shards"), join(root, "shards-int8")];
  const tensors = [...tensorsOf(writeFixture(whole, "bert"))];
  const names = ["model-1.safetensors", "model-2.safetensors"];
  const index = "model.safetensors.index.json";
  for (const [i, name] of names.entries())
    writeSafetensors(join(whole, name), new Map(tensors.filter((_, j) => j % 2 === i)), {
      dtype: "F16",
    });
  const map = Object.fromEntries(tensors.map(([name], i) => [name, names[i % 2]!]));
  writeFileSync(join(whole, index), JSON.stringify({ weight_map: map }));
  rmSync(join(whole, "model.safetensors"));
  await quantize(whole, small);
  const { weight_map: places } = JSON.parse(readFileSync(join(small, index), "utf8"));
  for (const [name, place] of Object.entries(places))
    assert.ok(tensorsIn(join(small, place as string)).has(name), name);
  const model = readConfig(join(small, "config.json"));
  assert.equal(readWeights(small, model).size, Object.keys(places).length);
});

test("what cannot be quantised is refused, and so is what was in another way", async () => {
  const [whole, small] = [join(root, "refused"), join(root, "refused-int8")];
  writeFixture(whole, "bert");
  await quantize(whole, small);
  await assert.rejects(quantize(whole, small), /refused-int8: there is an encoder already/);
  await assert.rejects(quantize(small, join(root, "twice")), /quantised already/);
  const config = join(small, "config.json");
  const fields = JSON.parse(readFileSync(config, "utf8"));
  const { quantization_config: quantization } = fields;
  const { group_0: group } = quantization.config_groups;
  const groups = (change: object) => ({ config_groups: { group_0: { ...group, ...change } } });
  const cases: [change: object, field: RegExp][] = [
    [{ quant_method: "gptq" }, /quant_method": is not compressed-tensors/],
    [{ format: "pack-quantized" }, /quantization_config.format/],
    [groups({ weights: { ...group.weights, num_bits: 4 } }), /weights.num_bits": is not 8/],
    [groups({ weights: { ...group.weights, strategy: "group" } }), /weights.strategy/],
    [groups({ input_activations: null }), /input_activations/],
    [
      groups({ input_activations: { ...group.input_activations, dynamic: false } }),
      /input_activations.dynamic": is not true/,
    ],
  ];
  for (const [change, problem] of cases) {
    const changed = { ...fields, quantization_config: { ...quantization, ...change } };
    writeFileSync(config, JSON.stringify(changed));
    assert.throws(() => readConfig(config), problem);
  }
  writeFileSync(config, JSON.stringify(fields));

  const file = join(small, "model.safetensors");
  const tensors = tensorsIn(file);
  const name = "bert.encoder.layer.0.output.dense.weight";
  const scales = `${name}_scale`;
  const read = () => readWeights(small, readConfig(config));
  const refused = (changed: ReadonlyMap<string, RawTensor>, problem: RegExp) => {
    writeRawTensors(file, changed, {});
    assert.throws(read, { name: "InputError", message: problem });
  };
  refused(new Map([...tensors].filter(([other]) => other !== scales)), /weight_scale.*is missing/);
  const floatsOf = (shape: number[], value: number): RawTensor => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
    return { dtype: "F32", shape, bytes: bytesOf(data) };
  };
  refused(new Map([...tensors, [scales, floatsOf([4, 2], 1)]]), /\[4, 2\] where .*\[8, 1\]/);
  refused(new Map([...tensors, [scales, floatsOf([3, 1], 1)]]), /\[3, 1\] where .*\[8, 1\]/);
  for (const value of [0, -1, NaN, Infinity])
    refused(new Map([...tensors, [scales, floatsOf([8, 1], value)]]), /weight_scale.*positive/);
  refused(new Map([...tensors, [scales, tensors.get(name)!]]), /weight_scale/);
  const table = "bert.embeddings.word_embeddings.weight";
  const { shape, bytes } = tensors.get(table)!;
  const eighth = { dtype: "I8", shape, bytes: bytes.slice(0, bytes.length / 4) };
  refused(new Map([...tensors, [table, eighth]]), /word_embeddings.*"I8"/);
  refused(new Map([...tensors, [name, { ...tensors.get(name)!, bytes: new Uint8Array(3) }]]), /./);
});
