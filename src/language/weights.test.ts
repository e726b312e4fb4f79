import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { fromFloat16, toFloat16 } from "../base/float16.js";
import { type TensorData, writeSafetensors } from "../base/safetensors.js";
import { floats } from "../graph/index.js";
import { readConfig } from "./architectures.js";
import { checkpointFiles, readCheckpoint } from "./checkpoint.js";
import { type Fixture, tensorsOf, writeFixture } from "./test-support.js";
import { readWeights } from "./weights.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-weights-"));
after(() => rmSync(root, { recursive: true }));
const folder = join(root, "model");
const file = join(folder, "model.safetensors");
const index = `${file}.index.json`;
let fixture: Fixture;
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  fixture = writeFixture(folder, "bert");
});

const read = () =>
  new Map(
    [...readWeights(folder, readConfig(join(folder, "config.json")))].map(([name, value]) => [
      name,
      { shape: [...value.dims], data: floats(value) },
    ]),
  );
const expected = (round = (data: Float32Array) => data) =>
  new Map(
    [...tensorsOf(fixture)].map(([name, { shape, data }]) => [name, { shape, data: round(data) }]),
  );
const sorted = (weights: ReadonlyMap<string, TensorData>) => [...weights].sort();
const write = (tensors: ReadonlyMap<string, TensorData>) =>
  writeSafetensors(file, tensors, { dtype: "F32" });

/** Tensors of any number format, byte by byte. */
function writeRaw(
  tensors: readonly { name: string; dtype: string; shape: readonly number[]; bytes: Uint8Array }[],
) {
  let end = 0;
  const header = Object.fromEntries(
    tensors.map(({ name, dtype, shape, bytes }) => {
      end += bytes.length;
      return [name, { dtype, shape, data_offsets: [end - bytes.length, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(json.length);
  writeFileSync(file, Buffer.concat([length, json, ...tensors.map(({ bytes }) => bytes)]));
}
const bytesOf = ({ buffer }: Uint16Array) => new Uint8Array(buffer);
/** The upper half of each number. */
const brainBits = (data: Float32Array) =>
  Uint16Array.from(new Uint32Array(data.slice().buffer), (bits) => bits >>> 16);

/** Writes the tensors in two shards and their index. */
function shard(): [string, string] {
  const entries = [...tensorsOf(fixture)];
  const names = [1, 2].map((i) => `model-0000${i}-of-00002.safetensors`) as [string, string];
  const halves = [entries.slice(0, 9), entries.slice(9)];
  const map: Record<string, string> = {};
  for (const [i, half] of halves.entries()) {
    writeSafetensors(join(folder, names[i]!), new Map(half), { dtype: "F32" });
    for (const [name] of half) map[name] = names[i]!;
  }
  writeFileSync(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
  rmSync(file);
  return names;
}

test("float32, float16 and bfloat16 weights are read", () => {
  assert.deepEqual(sorted(read()), sorted(expected()));
  writeSafetensors(file, tensorsOf(fixture), { dtype: "F16" });
  assert.deepEqual(sorted(read()), sorted(expected((data) => fromFloat16(toFloat16(data)))));
  const entries = [...tensorsOf(fixture)];
  writeRaw(
    entries.map(([name, { shape, data }]) => {
      return { name, dtype: "BF16", shape, bytes: bytesOf(brainBits(data)) };
    }),
  );
  const rounded = (data: Float32Array) =>
    new Float32Array(Uint32Array.from(brainBits(data), (bits) => bits << 16).buffer);
  assert.deepEqual(sorted(read()), sorted(expected(rounded)));
});

test("a file's names may lack the model's prefix and be the oldest ones", () => {
  write(
    new Map(
      [...tensorsOf(fixture)].map(([name, tensor]) => [
        name
          .replace(/^bert\./, "")
          .replace(/LayerNorm\.weight$/, "LayerNorm.gamma")
          .replace(/LayerNorm\.bias$/, "LayerNorm.beta"),
        tensor,
      ]),
    ),
  );
  assert.deepEqual(sorted(read()), sorted(expected()));
});

test("tensors that no hidden state depends on are left alone, whatever their format", () => {
  const tensors = [...tensorsOf(fixture)].map(([name, { shape, data }]) => {
    return { name, dtype: "F32", shape, bytes: new Uint8Array(data.buffer) };
  });
  const ids = { name: "bert.embeddings.position_ids", dtype: "I64", shape: [1, 2] };
  const pooler = { name: "bert.pooler.dense.bias", dtype: "F32", shape: [1] };
  writeRaw([
    { ...ids, bytes: new Uint8Array(16) },
    ...tensors,
    { ...pooler, bytes: new Uint8Array(4) },
  ]);
  assert.deepEqual(sorted(read()), sorted(expected()));
});

test("a config.json with fewer blocks than the weights have is refused", () => {
  const cases = { bert: "num_hidden_layers", gpt2: "n_layer", llama: "num_hidden_layers" };
  for (const [type, blocks] of Object.entries(cases))
    for (const headless of [false, true]) {
      const model = writeFixture(folder, type);
      const tensors = [...tensorsOf(model)].map(([name, tensor]): [string, TensorData] => [
        headless ? name.replace(/^(bert|transformer|model)\./, "") : name,
        tensor,
      ]);
      write(new Map(tensors));
      read();
      writeFileSync(join(folder, "config.json"), JSON.stringify({ ...model.config, [blocks]: 1 }));
      const [first] = tensors.find(([name]) => name.includes(".1."))!;
      assert.throws(read, {
        name: "InputError",
        message: new RegExp(`"${first}": is of block 2 where config.json says 1 .*${blocks}`),
      });
      // Without them, numbers in names of what is no block are left alone.
      const fewer = tensors.filter(([name]) => !name.includes(".1."));
      const other = { shape: [1], data: new Float32Array(1) };
      write(new Map([...fewer, ["classifier.7.weight", other], ["h.7.attn.masked_bias", other]]));
      read();
    }
});

test("shards are read by their index, and all files are in the hash", () => {
  const shards = shard();
  assert.deepEqual(sorted(read()), sorted(expected()));
  const names = ["config.json", "vocab.txt", "model.safetensors.index.json", ...shards];
  assert.deepEqual(checkpointFiles(folder), names);
  const { hashes } = readCheckpoint(folder);
  assert.equal(new Set(hashes).size, names.length);
  writeSafetensors(join(folder, shards[1]), new Map([...tensorsOf(fixture)].slice(9).reverse()), {
    dtype: "F32",
  });
  assert.notDeepEqual(readCheckpoint(folder).hashes, hashes);
});

test("what is missing or wrong is refused with its file and tensor", () => {
  const refused = (place: { file: string; field?: string | undefined }, problem: RegExp) =>
    assert.throws(read, (error: { name: string; problem: string; location: object }) => {
      assert.equal(error.name, "InputError");
      const { file, field } = error.location as typeof place;
      assert.deepEqual({ file, field }, { field: undefined, ...place }, error.problem);
      assert.match(error.problem, problem);
      return true;
    });
  const bias = "bert.encoder.layer.1.output.dense.bias";
  const tensors = tensorsOf(fixture);
  write(new Map([...tensors].filter(([name]) => name !== bias)));
  refused({ file, field: bias }, /is missing/);
  write(new Map([...tensors, [bias, { shape: [2], data: new Float32Array(2) }]]));
  refused({ file, field: bias }, /shape \[2\] where config.json says \[8\]/);

  const [first, second] = shard();
  rmSync(join(folder, second));
  refused({ file: join(folder, second) }, /^is missing, which model.safetensors.index.json names$/);
  renameSync(join(folder, first), join(folder, second));
  refused({ file: join(folder, first) }, /^is missing, which/);
  renameSync(join(folder, second), join(folder, "other"));
  refused({ file: join(folder, first) }, new RegExp(`^is missing, and so are ${second}, which`));
  renameSync(join(folder, "other"), join(folder, second));
  writeSafetensors(join(folder, first), new Map(), { dtype: "F32" });
  const there = new Set([...tensors.keys()].slice(0, 9));
  const { parameters } = readConfig(join(folder, "config.json"));
  const lost = [...parameters.keys()].filter((name) => !there.has(name));
  refused({ file: index, field: lost[0] }, new RegExp(`is missing, and so are ${lost[1]}, `));
  writeFileSync(index, JSON.stringify({ weight_map: { [bias]: "../other.safetensors" } }));
  refused({ file: index, field: `weight_map.${bias}` }, /invalid/);
  writeFileSync(index, "{");
  refused({ file: index }, /malformed JSON/);
  rmSync(index);
  refused({ file }, /cannot be read/);
  writeFileSync(join(folder, "pytorch_model.bin"), "");
  refused({ file: join(folder, "pytorch_model.bin") }, /pickle/);
});
