import { twoSidedP, upperTail } from "../base/normal.js";
import { type Check, inEachDataSet } from "./check.js";
import { figure } from "./finding.js";
import { rankTest, type Stratum } from "./rank-test.js";

/** A column's texts, empty where nothing is filled in, and the labels beside them. */
interface Column {
  readonly texts: readonly string[];
  readonly labels: readonly number[];
}

/** One way to read a column as scores, which may also be the wrong way round unless `isFitted`. */
interface View {
  readonly title: string;
  readonly isFitted: boolean;
  readonly scores: (column: Column) => readonly Stratum[];
}

const FOLDS = 5;

/**
 * Scores each text by the share of successes among its like in the other folds (shrunk by one trial to
 * the share among all), so a text that stands in one row alone, such as an id, says nothing.
 */
function byValue({ texts, labels }: Column): Stratum[] {
  const counts = [0, 0];
  const folds = labels.map((label) => counts[label]!++ % FOLDS);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const seen = new Map<string, { positives: number; n: number }>();
    const all = { positives: 0, n: 0 };
    const own: number[] = [];
    for (const [i, text] of texts.entries()) {
      if (folds[i] === fold) {
        own.push(i);
        continue;
      }
      const like = seen.get(text) ?? { positives: 0, n: 0 };
      seen.set(text, like);
      for (const count of [like, all]) {
        count.positives += labels[i]!;
        count.n++;
      }
    }
    const rate = all.positives / Math.max(1, all.n);
    return {
      labels: own.map((i) => labels[i]!),
      scores: own.map((i) => {
        const { positives, n } = seen.get(texts[i]!) ?? { positives: 0, n: 0 };
        return (positives + rate) / (n + 1);
      }),
    };
  });
}

/** Numbers and dates as they are; nothing if a text is neither. */
function byNumber({ texts, labels }: Column): Stratum[] {
  const filled = texts.flatMap((text, i) => (text === "" ? [] : i));
  const scores = filled.map((i) => {
    const text = texts[i]!;
    return /^\d{4}-\d\d(-\d\d)?$/.test(text) ? Date.parse(text) : Number(text);
  });
  return scores.every(Number.isFinite) ? [{ labels: filled.map((i) => labels[i]!), scores }] : [];
}

const VIEWS: readonly View[] = [
  { title: "values", isFitted: true, scores: byValue },
  { title: "numbers", isFitted: false, scores: byNumber },
  {
    title: "gaps",
    isFitted: false,
    scores: ({ texts, labels }) => [{ labels, scores: texts.map((text) => (text === "" ? 0 : 1)) }],
  },
];

/** Chance that any of a data set's columns is named although none tells anything. */
const LEVEL = 0.01;
/** Columns that are named one by one. */
const NAMED = 10;

/** Columns beside those of TOP whose value, number or gaps tell the label, and how well. */
export const tellingColumns: Check = {
  name: "telling-columns",
  why: "A column that tells the label was perhaps filled when the trial had ended, and then it is the answer.",
  remedy:
    "Find out when it is filled, and never read an outcome as a feature (cladmop reads none of these columns).",
  find: inEachDataSet(({ splits }) => {
    const columns = new Map<string, { texts: string[]; labels: number[] }>();
    for (const { outcome, otherFields } of splits.flatMap(({ trials }) => trials)) {
      if (outcome.label === undefined) continue;
      for (const [name, text] of Object.entries(otherFields)) {
        const column = columns.get(name) ?? { texts: [], labels: [] };
        columns.set(name, column);
        column.texts.push(text.trim().toLowerCase());
        column.labels.push(outcome.label);
      }
    }
    const tests = columns.size * VIEWS.length;
    const telling = [...columns].flatMap(([name, column]) => {
      const [best] = VIEWS.map(({ title, isFitted, scores }) => {
        const { share, z } = rankTest(scores(column));
        return isFitted
          ? { title, share, p: upperTail(z) }
          : { title, share: Math.max(share, 1 - share), p: twoSidedP(z) };
      }).sort((a, b) => a.p - b.p || b.share - a.share);
      return best!.p * tests < LEVEL ? [{ name, ...best! }] : [];
    });
    if (telling.length === 0) return [];
    const named = telling
      .sort((a, b) => b.share - a.share)
      .slice(0, NAMED)
      .map(({ name, title, share }) => `${name} (its ${title}: ${figure(share)})`);
    const more = telling.length > NAMED ? `, and ${telling.length - NAMED} more` : "";
    return [
      {
        severity: "warning",
        found: `columns that tell the label, with the ROC-AUC of each alone: ${named.join(", ")}${more}`,
        examples: [],
      },
    ];
  }),
};
