/**
 * P(X ≥ least) where X counts the marked ones among `drawn` of `all` things, `marked` of which are
 * marked: Fisher's exact test, one-sided.
 */
export function hypergeometricTail(
  least: number,
  { drawn, marked, all }: { drawn: number; marked: number; all: number },
): number {
  let tail = 0;
  for (let k = Math.max(least, drawn + marked - all, 0); k <= Math.min(drawn, marked); k++)
    tail += Math.exp(
      logChoose(marked, k) + logChoose(all - marked, drawn - k) - logChoose(all, drawn),
    );
  return Math.min(1, tail);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
