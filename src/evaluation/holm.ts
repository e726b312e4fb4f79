import { InputError } from "../base/error.js";

/**
 * P-values adjusted for a family of tests (Holm, "A simple sequentially rejective multiple test
 * procedure", Scandinavian Journal of Statistics 6, 1979), in the given order. Rejecting where the
 * adjusted value is at most α keeps the chance of any false rejection at most α, however the tests
 * depend on each other.
 * @throws InputError if a value is not in [0, 1].
 */
export function holm(pValues: readonly number[]): number[] {
  pValues.forEach((p, i) => {
    if (!(p >= 0 && p <= 1)) {
      throw new InputError(`${p} is not a p-value`, {
        row: i + 1,
        field: "p",
        remedy: "Give numbers from 0 to 1",
      });
    }
  });
  const ascending = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let highest = 0;
  ascending.forEach((test, rank) => {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * pValues[test]!));
    adjusted[test] = highest;
  });
  return adjusted;
}
