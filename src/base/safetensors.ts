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

/** A tensor as a file holds it. */
export interface StoredTensor {
  /** Its number format, such as F32 or I8. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Its bytes, in a buffer of their own. */
  bytes(): ArrayBuffer;
  /** Its numbers, where they are F32, F16 or BF16. @throws InputError if they are not */
  floats(): Float32Array;
}

/** A safetensors file whose tensors are read one by one: it may be larger than a buffer can be. */
export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  close(): void;
}

const BYTES = { F32: 4, F16: 2, BF16: 2, I8: 1 } as const;
type Dtype = keyof typeof BYTES;

/**
 * Reads a safetensors file: 8 bytes little-endian header length, the JSON header, then the tensors
 * without gaps (https://github.com/huggingface/safetensors#format). F32, F16 and BF16 become float32.
 * @param bytes the file's, where they have been read already
 * @throws InputError that names the file, and the tensor where one is at fault.
 */
export function readSafetensors(
  path: string,
  bytes: Uint8Array = readBytes(path),
): SafetensorsContent {
  const read = (begin: number, end: number) =>
    (bytes.buffer as ArrayBuffer).slice(bytes.byteOffset + begin, bytes.byteOffset + end);
  const { tensors, metadata } = scan(path, { size: bytes.length, read });
  return {
    tensors: new Map(
      [...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.floats() }]),
    ),
    metadata,
  };
}

/**
 * Opens a safetensors file, to read of it what is wanted: others may have any number format.
 * @throws InputError as {@link readSafetensors}
 */
export function openSafetensors(path: string): StoredTensors {
  const file = openBytes(path);
  try {
    return { ...scan(path, file), close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

function scan(path: string, source: Pick<OpenFile, "size" | "read">) {
  const fail = (problem: string, tensor?: string): InputError =>
    new InputError(problem, { file: path, field: tensor, remedy: "Fetch or write the file again" });

  const headerLength =
    source.size < 8 ? Number.NaN : Number(new DataView(source.read(0, 8)).getBigUint64(0, true));
  if (!(headerLength <= source.size - 8)) throw fail("is no whole safetensors file");
  const start = 8 + headerLength;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(source.read(8, start)));
  } catch (error) {
    throw fail(`has a header that is not JSON: ${messageOf(error)}`);
  }
  if (!isRecord(header)) throw fail("has a header that is not a JSON object");
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw fail("has metadata that is not a map of texts", "__metadata__");
  }

  const size = source.size - start;
  const tensors = new Map<string, StoredTensor>();
  const spans: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    if (!isRecord(entry)) throw fail("is not described by a JSON object", name);
    const { dtype, shape, data_offsets: offsets } = entry;
    if (!isCounts(shape)) throw fail("has no valid shape", name);
    if (!isCounts(offsets) || offsets.length !== 2) throw fail("has no valid data_offsets", name);
    const [begin, end] = offsets as [number, number];
    if (end > size) throw fail(`ends at byte ${end} of ${size}: the file is truncated`, name);
    if (isDtype(dtype) && end - begin !== countOf(shape) * BYTES[dtype]) {
      throw fail(`has ${end - begin} bytes for shape [${shape}] in ${dtype}`, name);
    }
    spans.push({ name, begin, end });
    const bytes = () => source.read(start + begin, start + end);
    const floats = () => {
      if (isDtype(dtype) && dtype !== "I8") return toFloat32(dtype, bytes());
      throw fail(`has the number format ${JSON.stringify(dtype)}, not F32, F16 or BF16`, name);
    };
    tensors.set(name, { dtype: String(dtype), shape, bytes, floats });
  }

  let covered = 0;
  for (const { name, begin, end } of spans.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      throw fail(begin < covered ? "overlaps another tensor" : "follows a gap", name);
    covered = end;
  }
  if (covered !== size) throw fail(`has ${size - covered} bytes that belong to no tensor`);
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
  const encoded = [...tensors].map(([name, { shape, data }]): [string, RawTensor] => {
    if (countOf(shape) !== data.length) {
      throw new RangeError(`tensor "${name}" has ${data.length} values for shape [${shape}]`);
    }
    const numbers = dtype === "F32" ? data : toFloat16(data);
    if (numbers instanceof Uint16Array) refuseOverflow(path, name, data, numbers);
    return [name, { dtype, shape, bytes: bytesOf(numbers) }];
  });
  writeRawTensors(path, new Map(encoded), metadata);
}

/** A tensor in bytes of any number format. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** {@link writeSafetensors} of tensors of any number format. @throws InputError if the file cannot be written */
export function writeRawTensors(
  path: string,
  tensors: ReadonlyMap<string, RawTensor>,
  metadata: Readonly<Record<string, string>>,
): void {
  const header: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // spaces align the tensors
  const head = Buffer.alloc(8 + headerLength, " ");
  head.writeBigUInt64LE(BigInt(headerLength));
  json.copy(head, 8);
  writeWhole(path, Buffer.concat([head, ...[...tensors.values()].map(({ bytes }) => bytes)]));
}

/** The bytes of an array of numbers. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isDtype = (value: unknown): value is Dtype =>
  typeof value === "string" && Object.hasOwn(BYTES, value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

function toFloat32(dtype: Exclude<Dtype, "I8">, bytes: ArrayBuffer): Float32Array {
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
