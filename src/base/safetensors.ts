import { InputError, messageOf } from "./error.js";
import { type OpenFile, openBytes, readBytes, writeWhole } from "./file.js";
import { fromFloat16, toFloat16 } from "./float16.js";

/** A tensor in row-major order. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a safetensors file holds: tensors by name, in the file's order, and its `__metadata__`. */
export interface SafetensorsContent {
  readonly tensors: Map<string, TensorData>;
  readonly metadata: Record<string, string>;
}

const BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
type Dtype = keyof typeof BYTES;

/**
 * Reads a safetensors file: 8 bytes little-endian header length, the JSON header, then the tensors
 * without gaps (https://github.com/huggingface/safetensors#format). F32, F16 and BF16 become float32.
 * @param bytes the file's, where they have been read already
 * @throws InputError that names the file, and the tensor where one is at fault.
 */
export function readSafetensors(path: string, bytes = readBytes(path)): SafetensorsContent {
  const read = (begin: number, end: number) =>
    (bytes.buffer as ArrayBuffer).slice(bytes.byteOffset + begin, bytes.byteOffset + end);
  return readSource(path, { size: bytes.length, read }, () => true);
}

/**
 * Reads of a safetensors file the tensors that are wanted, one by one: others may have any number
 * format, and the file may be larger than a buffer can be.
 * @throws InputError as {@link readSafetensors}
 */
export function readTensors(path: string, wanted: (name: string) => boolean): SafetensorsContent {
  const file = openBytes(path);
  try {
    return readSource(path, file, wanted);
  } finally {
    file.close();
  }
}

function readSource(
  path: string,
  source: Pick<OpenFile, "size" | "read">,
  wanted: (name: string) => boolean,
): SafetensorsContent {
  const fail = (problem: string, tensor?: string): InputError =>
    new InputError(problem, { file: path, field: tensor, remedy: "Fetch or write the file again" });

  const headerLength =
    source.size < 8 ? Number.NaN : Number(new DataView(source.read(0, 8)).getBigUint64(0, true));
  if (!(headerLength <= source.size - 8)) throw fail("is no whole safetensors file");
  const start = 8 + headerLength;
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(source.read(8, start)).toString("utf8"));
  } catch (error) {
    throw fail(`has a header that is not JSON: ${messageOf(error)}`);
  }
  if (!isRecord(header)) throw fail("has a header that is not a JSON object");
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw fail("has metadata that is not a map of texts", "__metadata__");
  }

  const size = source.size - start;
  const found: { name: string; dtype: Dtype; shape: number[]; begin: number; end: number }[] = [];
  const spans: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    if (!isRecord(entry)) throw fail("is not described by a JSON object", name);
    const { dtype, shape, data_offsets: offsets } = entry;
    const isWanted = wanted(name);
    if (isWanted && !isDtype(dtype)) {
      throw fail(`has the number format ${JSON.stringify(dtype)}, not F32, F16 or BF16`, name);
    }
    if (!isCounts(shape)) throw fail("has no valid shape", name);
    if (!isCounts(offsets) || offsets.length !== 2) throw fail("has no valid data_offsets", name);
    const [begin, end] = offsets as [number, number];
    if (end > size) throw fail(`ends at byte ${end} of ${size}: the file is truncated`, name);
    if (isDtype(dtype) && end - begin !== countOf(shape) * BYTES[dtype]) {
      throw fail(`has ${end - begin} bytes for shape [${shape}] in ${dtype}`, name);
    }
    spans.push({ name, begin, end });
    if (isWanted && isDtype(dtype)) found.push({ name, dtype, shape, begin, end });
  }

  let covered = 0;
  for (const { name, begin, end } of spans.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      throw fail(begin < covered ? "overlaps another tensor" : "follows a gap", name);
    covered = end;
  }
  if (covered !== size) throw fail(`has ${size - covered} bytes that belong to no tensor`);
  const tensors = new Map(
    found.map(({ name, dtype, shape, begin, end }) => [
      name,
      { shape, data: toFloat32(dtype, source.read(start + begin, start + end)) },
    ]),
  );
  return { tensors, metadata: metadata as Record<string, string> };
}

/**
 * Writes tensors as a safetensors file, whole or not at all. The metadata says `format: "pt"`, as
 * Python's readers demand, besides what is given.
 * @throws InputError if the file cannot be written or a finite value does not fit float16.
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  { dtype, metadata = {} }: { dtype: "F32" | "F16"; metadata?: Readonly<Record<string, string>> },
): void {
  const header: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (countOf(shape) !== data.length) {
      throw new RangeError(`tensor "${name}" has ${data.length} values for shape [${shape}]`);
    }
    const encoded = dtype === "F32" ? data : toFloat16(data);
    if (encoded instanceof Uint16Array) refuseOverflow(path, name, data, encoded);
    header[name] = { dtype, shape, data_offsets: [offset, offset + encoded.byteLength] };
    parts.push(new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength));
    offset += encoded.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // spaces align the tensors
  const head = Buffer.alloc(8 + headerLength, " ");
  head.writeBigUInt64LE(BigInt(headerLength));
  json.copy(head, 8);
  writeWhole(path, Buffer.concat([head, ...parts]));
}

const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isDtype = (value: unknown): value is Dtype =>
  typeof value === "string" && Object.hasOwn(BYTES, value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

function toFloat32(dtype: Dtype, bytes: ArrayBuffer): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes);
  const bits = new Uint16Array(bytes);
  if (dtype === "F16") return fromFloat16(bits);
  const wide = new Uint32Array(bits.length); // bfloat16 is the upper half of float32
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return new Float32Array(wide.buffer);
}

function refuseOverflow(path: string, name: string, data: Float32Array, half: Uint16Array): void {
  const at = half.findIndex((bits, i) => (bits & 0x7fff) === 0x7c00 && Number.isFinite(data[i]));
  if (at >= 0) {
    throw new InputError(`value ${data[at]} does not fit float16`, {
      file: path,
      field: name,
      remedy: "Write it as F32",
    });
  }
}
