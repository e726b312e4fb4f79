import { useMemo } from "preact/hooks";
import type { Prediction } from "../../serving/answer.js";
import { Chart } from "../chart/chart.js";
import { type ProbabilityRow, probabilityChart, probabilityHeight } from "../chart/probability.js";
import { count, hundred, percent, phaseName, points, rateOf } from "../words.js";

interface HeadlineProps {
  readonly prediction: Prediction;
  /** The kept answer, if what is shown is another. */
  readonly kept: Prediction | undefined;
}

/** The probability with its interval, and the phase's base rate to measure it by. */
export function Headline({ prediction, kept }: HeadlineProps) {
  const { probability, interval, baseRate, phase } = prediction;
  const rows = useMemo<ProbabilityRow[]>(
    () => [
      {
        name: kept === undefined ? "This trial" : "What if",
        value: probability,
        interval,
        isMain: true,
      },
      ...(kept === undefined
        ? []
        : [{ name: "Kept", value: kept.probability, interval: kept.interval, isMain: false }]),
      ...(baseRate === null
        ? []
        : [{ name: `All ${phaseName(phase)}`, value: rateOf(baseRate), isMain: false }]),
    ],
    [probability, interval, baseRate, phase, kept],
  );
  const option = useMemo(() => probabilityChart(rows), [rows]);
  const [low, high] = interval;
  return (
    <div class="headline">
      <p class="figure">
        <span class="big">{hundred(probability)}</span>
        <span class="unit"> %</span>
        <span class="beside">
          P(success)
          <br />
          <span class="nowrap">
            90 % interval {hundred(low)}–{hundred(high)} %
          </span>
        </span>
      </p>
      {kept !== undefined && (
        <p class="difference">
          <b>{points(100 * (probability - kept.probability))} points</b> from the kept answer,{" "}
          {percent(kept.probability)}
        </p>
      )}
      <p>
        Of 100 trials that the model rates like this one, about {hundred(probability)} should
        succeed{comparedTo(prediction)}.
      </p>
      <Chart
        label={`${rows.map(({ name, value }) => `${name}: ${percent(value)}`).join("; ")}. 90 % interval ${percent(low)} to ${percent(high)}.`}
        option={option}
        height={probabilityHeight(rows.length)}
        table={{
          head: ["Of", "P(success)", "90 % interval"],
          rows: rows.map(({ name, value, interval }) => [
            name,
            percent(value),
            interval === undefined ? "" : `${percent(interval[0])} to ${percent(interval[1])}`,
          ]),
        }}
      />
      <p class="note">
        {baseRate === null
          ? `The model was fitted on no trial of ${phaseName(phase)}: nothing stands here to compare with, and its answer is a guess from other phases. `
          : `Base rate: ${count(baseRate.successes)} of ${count(baseRate.trials)} training trials of ${phaseName(phase)} succeeded. `}
        The interval says how far the model’s members disagree, not all that can go wrong.
      </p>
      <UsedIn usedIn={prediction.usedIn} />
    </div>
  );
}

/** Whether the model knows the answer already: then it is none. */
export function UsedIn({ usedIn }: Pick<Prediction, "usedIn">) {
  if (usedIn === null)
    return <p class="note">The model does not say which trials it was made with.</p>;
  if (usedIn.length === 0) return null;
  return (
    <p class="warning">
      <b>The model was made with this very trial</b> ({usedIn.join(", ")}). Its answer shows nothing
      of how well it predicts.
    </p>
  );
}

function comparedTo({ baseRate, phase }: Prediction): string {
  if (baseRate === null) return "";
  return `; of 100 training trials of ${phaseName(phase)}, ${hundred(rateOf(baseRate))} did`;
}
