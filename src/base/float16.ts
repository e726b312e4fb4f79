import { Float16Array } from "@petamoriken/float16";

let halfValues: Float32Array | undefined;

/**
 * The value of each of the 65,536 half-precision bit patterns; made at the first use. Converted one by one by the
 * library, 12 million values would take 3.4 s; looked up, 0.03 s.
 */
export function float16Values(): Float32Array {
  halfValues ??= Float32Array.from({ length: 65536 }, (_, half) => halfValue(half));
  return halfValues;
}

/** Bits of IEEE 754 half precision for each value, rounded to nearest even; beyond ±65504: infinity. */
export function toFloat16(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer);
}

/** Values of half-precision bits, exactly. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  const float = float16Values();
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = float[bits[i]!]!;
  return values;
}

/** IEEE 754-2008, section 3.4: sign, 5 bits of exponent, 10 of fraction. */
function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const significand = exponent === 0 ? fraction : fraction + 0x400;
  return sign * significand * 2 ** (Math.max(1, exponent) - 25);
}
