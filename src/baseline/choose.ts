/** The candidate of the least loss; of equals, the first. */
export function leastOf<Candidate>(
  candidates: readonly Candidate[],
  loss: (candidate: Candidate) => number,
): Candidate {
  const losses = candidates.map(loss);
  return candidates[losses.indexOf(Math.min(...losses))]!;
}
