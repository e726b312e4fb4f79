import { useMemo } from "preact/hooks";
import type { Prediction } from "../../serving/answer.js";
import type { Api } from "../api.js";
import { useAsked } from "../ask.js";
import { Chart } from "../chart/chart.js";
import {
  type ProbabilityRow,
  probabilityChart,
  probabilityHeight,
  probabilityTable,
} from "../chart/probability.js";
import { baseRateName, count, hundred, percent, points, rateOf, trialsOf } from "../words.js";

interface HeadlineProps {
  readonly api: Api;
  /** The SHA-256 of the model that the prediction is of. */
  readonly model: string;
  readonly prediction: Prediction;
  readonly isWhatIf: boolean;
  /** The kept answer, if what is shown is another and can be set against it. */
  readonly kept: Prediction | undefined;
  /** Takes the trial's number out of the draft. */
  readonly removeNumber: () => void;
}

/** The probability with its interval, and the phase's base rate to measure it by. */
export function Headline({ api, model, prediction, isWhatIf, kept, removeNumber }: HeadlineProps) {
  const { probability, interval, baseRate, phase } = prediction;
  const rows = useMemo<ProbabilityRow[]>(
    () => [
      {
        name: isWhatIf ? "What if" : "This trial",
        value: probability,
        interval,
        isMain: true,
      },
      ...(kept === undefined
        ? []
        : [{ name: "Kept", value: kept.probability, interval: kept.interval, isMain: false }]),
      ...(baseRate === null
        ? []
        : [{ name: baseRateName(phase), value: rateOf(baseRate), isMain: false }]),
    ],
    [probability, interval, baseRate, phase, isWhatIf, kept],
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
      {baseRate !== null && (
        <p>
          Of 100 trials that the model rates like this one, about {hundred(probability)} should
          succeed;{" "}
          {baseRate.trials < 100
            ? `${baseRate.successes} of ${baseRate.trials} training ${trialsOf(phase)} did.`
            : `of 100 training ${trialsOf(phase)}, ${hundred(rateOf(baseRate))} did.`}
        </p>
      )}
      <WhatSuccessMeans api={api} model={model} />
      <Chart
        label={`${rows.map(({ name, value }) => `${name}: ${percent(value)}`).join("; ")}. 90 % interval ${percent(low)} to ${percent(high)}.`}
        option={option}
        height={probabilityHeight(rows.length)}
        table={probabilityTable(rows)}
      />
      <p class="note">
        {baseRate === null
          ? `The model was fitted on no ${trialsOf(phase).replace(/^trials/, "trial")}: there is no base rate to compare with, and its answer is a guess from other phases. `
          : `Base rate: ${count(baseRate.successes)} of ${count(baseRate.trials)} training ${trialsOf(phase)} succeeded. `}
        The interval says how far the model’s members disagree, not all that can go wrong.
      </p>
      <UsedIn prediction={prediction} removeNumber={removeNumber} />
    </div>
  );
}

function WhatSuccessMeans({ api, model }: Pick<HeadlineProps, "api" | "model">) {
  const { value } = useAsked((signal) => api.models(signal), [api]);
  const own = value?.find(({ sha256 }) => sha256 === model);
  return (
    <details class="success">
      <summary>What success means</summary>
      {value !== undefined && (
        <p class="note">
          {own?.success ??
            "What the labels that this answer’s model was fitted on call so: the model is not here any more to say it."}
        </p>
      )}
    </details>
  );
}

interface UsedInProps {
  readonly prediction: Pick<Prediction, "usedIn" | "nctId">;
  readonly removeNumber?: () => void;
}

/** Whether the model knows the answer already: then it is none. */
export function UsedIn({ prediction: { usedIn, nctId }, removeNumber }: UsedInProps) {
  if (usedIn === null)
    return <p class="note">The model does not say which trials it was made with.</p>;
  if (usedIn.length === 0) return null;
  return (
    <p class="warning">
      <b>The model was made with this very trial</b> ({usedIn.join(", ")}). Its answer shows nothing
      of how well it predicts. That goes by the number {nctId} alone
      {removeNumber !== undefined && (
        <span class="screen-only">
          : if what you wrote is another trial,{" "}
          <button type="button" class="link" onClick={removeNumber}>
            remove the number
          </button>
        </span>
      )}
      .
    </p>
  );
}
