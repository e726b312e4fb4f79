import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InputError } from "./error.js";
import { fromFloat16, toFloat16 } from "./float16.js";
import { openSafetensors, readSafetensors, writeSafetensors } from "./safetensors.js";

const folder = mkdtempSync(join(tmpdir(), "cladmop-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "model.safetensors");

/** A file as the format's specification describes it, byte by byte. */
function fileOf(header: unknown, data: number[]): Buffer {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, Buffer.from(data)]);
}

const F32 = [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]; // 1.5, -2
const F16 = [0x00, 0x3e, 0x00, 0xc0]; // 1.5, -2
const BF16 = [0xc0, 0x3f, 0x00, 0xc0]; // 1.5, -2

test("every number format is read, at any alignment and in any order of the header", () => {
  const header = {
    half: { dtype: "F16", shape: [2], data_offsets: [8, 12] },
    __metadata__: { note: "µ" },
    brain: { dtype: "BF16", shape: [2, 1], data_offsets: [12, 16] },
    single: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
    none: { dtype: "F32", shape: [0, 3], data_offsets: [8, 8] },
  };
  writeFileSync(path, fileOf(`${JSON.stringify(header)} `, [...F32, ...F16, ...BF16]));
  const { tensors, metadata } = readSafetensors(path);
  assert.deepEqual(metadata, { note: "µ" });
  assert.deepEqual(tensors.get("single"), { shape: [1, 2], data: Float32Array.of(1.5, -2) });
  assert.deepEqual(tensors.get("half"), { shape: [2], data: Float32Array.of(1.5, -2) });
  assert.deepEqual(tensors.get("brain"), { shape: [2, 1], data: Float32Array.of(1.5, -2) });
  assert.deepEqual(tensors.get("none"), { shape: [0, 3], data: new Float32Array(0) });
});

test("a written file has the specified bytes and reads back", () => {
  const tensors = new Map([
    ["a", { shape: [2], data: Float32Array.of(1.5, -2) }],
    ["scalar", { shape: [], data: Float32Array.of(0.25) }],
  ]);
  writeSafetensors(path, tensors, { dtype: "F16", metadata: { step: "7" } });
  const bytes = readFileSync(path);
  const headerLength = bytes.readUInt32LE(0);
  assert.equal(headerLength % 8, 0);
  assert.deepEqual(JSON.parse(bytes.toString("utf8", 8, 8 + headerLength)), {
    __metadata__: { format: "pt", step: "7" },
    a: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
    scalar: { dtype: "F16", shape: [], data_offsets: [4, 6] },
  });
  assert.deepEqual([...bytes.subarray(8 + headerLength)], [...F16, 0x00, 0x34]);
  assert.deepEqual(readSafetensors(path).tensors, tensors);

  writeSafetensors(path, tensors, { dtype: "F32" });
  assert.deepEqual([...readFileSync(path).subarray(-12, -4)], F32);
  assert.deepEqual(readSafetensors(path), { tensors, metadata: { format: "pt" } });
});

test("what does not fit is not written", () => {
  const large = new Map([["w", { shape: [1], data: Float32Array.of(7e4) }]]);
  assert.throws(() => writeSafetensors(path, large, { dtype: "F16" }), /"w".*70000.*F32/);
  const misshapen = new Map([["w", { shape: [2], data: Float32Array.of(1) }]]);
  assert.throws(() => writeSafetensors(path, misshapen, { dtype: "F32" }), /"w".*shape \[2\]/);
});

test("a broken file is refused with its name and the tensor's", () => {
  const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [Buffer, RegExp][] = [
    [Buffer.alloc(0), /whole/],
    [fileOf({}, []).subarray(0, 9), /whole/],
    [Buffer.alloc(16, 0xff), /whole/],
    [fileOf("{", []), /not JSON/],
    [fileOf([], []), /not a JSON object/],
    [fileOf({ __metadata__: { a: 1 } }, []), /metadata/],
    [fileOf({ w: null }, []), /"w": is not described/],
    [fileOf({ w: tensor }, F32).subarray(0, -1), /"w": .*truncated/],
    [fileOf({ w: { ...tensor, dtype: "I64" } }, F32), /"w": .*"I64"/],
    [fileOf({ w: { ...tensor, dtype: "toString" } }, F32), /"w": .*"toString"/],
    [fileOf({ w: { ...tensor, shape: [-2] } }, F32), /"w": .*shape/],
    [fileOf({ w: { ...tensor, data_offsets: [8, 0] } }, F32), /"w": has -8 bytes/],
    [fileOf({ w: { ...tensor, shape: [3] } }, F32), /"w": has 8 bytes for shape \[3\]/],
    [
      fileOf({ v: tensor, w: { ...tensor, data_offsets: [4, 12] } }, [...F32, ...F32]),
      /"w": overlaps/,
    ],
    [fileOf({ w: { ...tensor, data_offsets: [4, 12] } }, [...F32, ...F32]), /"w": follows a gap/],
    [fileOf({ w: tensor }, [...F32, 0]), /1 bytes that belong to no tensor/],
  ];
  for (const [bytes, message] of cases) {
    writeFileSync(path, bytes);
    const readOpened = () => {
      const { tensors, close } = openSafetensors(path);
      try {
        for (const tensor of tensors.values()) tensor.floats();
      } finally {
        close();
      }
    };
    for (const read of [() => readSafetensors(path), readOpened])
      assert.throws(
        read,
        (error) =>
          error instanceof InputError &&
          error.message.startsWith(path) &&
          message.test(error.message),
        String(message),
      );
  }
});

test("of a file some tensors are read, and others may have any number format", () => {
  const header = {
    ids: { dtype: "I64", shape: [1], data_offsets: [0, 8] },
    single: { dtype: "F32", shape: [2], data_offsets: [8, 16] },
    brain: { dtype: "BF16", shape: [2], data_offsets: [16, 20] },
  };
  const bytes = fileOf(header, [...Array<number>(8).fill(1), ...F32, ...BF16]);
  writeFileSync(path, bytes);
  const data = Float32Array.of(1.5, -2);
  const { tensors, close } = openSafetensors(path);
  assert.deepEqual([...tensors.keys()], ["ids", "single", "brain"]);
  for (const name of ["single", "brain"]) {
    const tensor = tensors.get(name)!;
    assert.deepEqual(tensor.shape, [2]);
    assert.deepEqual(tensor.floats(), data);
  }
  assert.deepEqual(new Uint8Array(tensors.get("ids")!.bytes()), new Uint8Array(8).fill(1));
  assert.throws(() => tensors.get("ids")!.floats(), /"ids": .*"I64"/);
  close();
  writeFileSync(path, bytes.subarray(0, -1));
  assert.throws(() => openSafetensors(path), /"brain": .*truncated/);
});

test("float16 keeps every half-precision number and rounds others to nearest even", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = toFloat16(fromFloat16(bits));
  const isNaN16 = (b: number): boolean => (b & 0x7c00) === 0x7c00 && (b & 0x3ff) !== 0;
  assert.ok(bits.every((b) => (isNaN16(b) ? isNaN16(back[b]!) : back[b] === b)));
  const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -24, 2 ** -25, 65519, 65520);
  assert.deepEqual([...toFloat16(values)], [0x3c00, 0x3c02, 1, 0, 0x7bff, 0x7c00]);
  assert.deepEqual(fromFloat16(Uint16Array.of(0x3555)), Float32Array.of(0x555 / 2 ** 12));
});
