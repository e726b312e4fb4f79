import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { sha256 } from "./file.js";

/**
 * A stream of random numbers that is a function of its key alone, such as (seed, "epoch", 3): a
 * resumed run draws what the uninterrupted one would have drawn, and no state is saved.
 */
export class Random {
  private readonly generator;

  constructor(...key: readonly (string | number)[]) {
    const digest = new DataView(new ArrayBuffer(4));
    digest.setUint32(0, Number.parseInt(sha256(JSON.stringify(key)).slice(0, 8), 16));
    this.generator = xoroshiro128plus(digest.getInt32(0, true));
  }

  /** Uniform on [0, 1). */
  uniform(): number {
    return uniformFloat64(this.generator);
  }

  /** A whole number from 0 to n − 1. */
  integer(n: number): number {
    return uniformInt(this.generator, 0, n - 1);
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** `size` normal numbers with the given standard deviation. */
  normals(size: number, deviation: number): Float32Array {
    return Float32Array.from({ length: size }, () => deviation * this.normal());
  }

  /** The numbers 0 … n − 1 in random order (Fisher and Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
