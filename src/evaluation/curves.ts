/** Curves for plots, as points to be joined by straight lines; the area below is the figure reported. */
import { checkBothClasses, cuts, type Labels, type Scores } from "./metrics.js";

export type Point = readonly [x: number, y: number];

/**
 * The ROC curve from (0, 0) to (1, 1): [false-positive rate, true-positive rate] at each cut between
 * distinct scores, without the cuts on a straight line. The area below is `rocAuc`.
 * @throws InputError see {@link checkBothClasses}.
 */
export function rocCurve(labels: Labels, scores: Scores): Point[] {
  const positives = checkBothClasses(labels, scores);
  const negatives = labels.length - positives;
  const corners = [{ truePositives: 0, falsePositives: 0 }];
  for (const cut of cuts(labels, scores)) {
    const [before, last] = [corners.at(-2), corners.at(-1)!];
    const isStraight =
      before !== undefined &&
      (last.truePositives - before.truePositives) * (cut.falsePositives - last.falsePositives) ===
        (cut.truePositives - last.truePositives) * (last.falsePositives - before.falsePositives);
    if (isStraight) corners.pop();
    corners.push(cut);
  }
  return corners.map(
    (corner): Point => [corner.falsePositives / negatives, corner.truePositives / positives],
  );
}

/**
 * The precision-recall curve from recall 0 to 1, [recall, precision], as the steps of which
 * `averagePrecision` is the area: up to the recall of a cut, the precision of that cut. Between cuts
 * there is no point on a straight line (Davis and Goadrich 2006), hence steps.
 * @throws InputError see {@link checkBothClasses}.
 */
export function precisionRecallCurve(labels: Labels, scores: Scores): Point[] {
  const positives = checkBothClasses(labels, scores);
  const points: Point[] = [];
  let before = 0;
  for (const { truePositives, falsePositives } of cuts(labels, scores)) {
    if (truePositives === before) continue;
    const precision = truePositives / (truePositives + falsePositives);
    points.push([before / positives, precision], [truePositives / positives, precision]);
    before = truePositives;
  }
  return points;
}
