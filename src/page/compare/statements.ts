/** A statement of two drafts: the same in both, or in one of them; changed is one for the other. */
export interface StatementPair {
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/**
 * Two lists of statements side by side, in order: the longest common subsequence is aligned, and what is between is paired
 * where two statements share more than half of their words (Dice's coefficient).
 */
export function align(left: readonly string[], right: readonly string[]): StatementPair[] {
  const [a, b] = [left.map(plain), right.map(plain)];
  const longest = lengths(a, b);
  const pairs: StatementPair[] = [];
  let [i, j] = [0, 0];
  let [gapLeft, gapRight]: [string[], string[]] = [[], []];
  const close = () => {
    pairs.push(...alike(gapLeft, gapRight));
    [gapLeft, gapRight] = [[], []];
  };
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      close();
      pairs.push({ left: left[i++], right: right[j++] });
    } else if (j >= b.length || (i < a.length && longest[i + 1]![j]! >= longest[i]![j + 1]!))
      gapLeft.push(left[i++]!);
    else gapRight.push(right[j++]!);
  }
  close();
  return pairs;
}

/** Whether it is the same statement, whatever its spaces and capitals. */
export const isSame = ({ left, right }: StatementPair): boolean =>
  left !== undefined && right !== undefined && plain(left) === plain(right);

/** The words of a statement, and of each whether the other statement has it at its place. */
export function wordsBeside(text: string, other: string): { text: string; isShared: boolean }[] {
  const [a, b] = [text.split(/\s+/), other.split(/\s+/)];
  const longest = lengths(a, b);
  const words: { text: string; isShared: boolean }[] = [];
  for (let i = 0, j = 0; i < a.length; ) {
    const isShared = j < b.length && a[i] === b[j];
    if (!isShared && j < b.length && longest[i]![j + 1]! > longest[i + 1]![j]!) {
      j += 1;
      continue;
    }
    const last = words.at(-1);
    if (last?.isShared === isShared)
      words[words.length - 1] = { text: `${last.text} ${a[i]}`, isShared };
    else words.push({ text: a[i]!, isShared });
    i += 1;
    if (isShared) j += 1;
  }
  return words;
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, " ").trim();

/** [i][j]: the length of the longest common subsequence of a from i and b from j. */
function lengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] =
        a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  return table;
}

/** Pairs of what two gaps hold: each statement of the left with the likest that is left of the right, then the rest. */
function alike(left: readonly string[], right: readonly string[]): StatementPair[] {
  const rest = [...right];
  const pairs = left.map((text): StatementPair => {
    const likeness = rest.map((other) => dice(text, other));
    const best = likeness.indexOf(Math.max(...likeness));
    if (best < 0 || likeness[best]! <= 0.5) return { left: text, right: undefined };
    return { left: text, right: rest.splice(best, 1)[0] };
  });
  return [...pairs, ...rest.map((text) => ({ left: undefined, right: text }))];
}

function dice(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => new Set(plain(text).match(/[\p{L}\p{N}]+/gu) ?? []));
  const shared = [...left!].filter((word) => right!.has(word)).length;
  return (2 * shared) / Math.max(1, left!.size + right!.size);
}
