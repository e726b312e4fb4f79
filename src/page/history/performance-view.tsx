import { useMemo } from "preact/hooks";
import type { Figures, ModelPerformance, Performance } from "../../history/answer.js";
import type { HistoryApi } from "../api.js";
import { useAsked } from "../ask.js";
import { Chart } from "../chart/chart.js";
import { CURVE_HEIGHT, calibrationChart } from "../chart/curves.js";
import { Failure } from "../failure.js";
import { count, percent, plural } from "../words.js";

/** Labelled trials below which figures are mostly chance, and below which a plot of them would show nothing else. */
const [FEW, TOO_FEW_TO_DRAW] = [50, 10];

/** How past predictions did whose outcome is now known. */
export function PerformanceView({ history, changes }: { history: HistoryApi; changes: number }) {
  const { value, error, again } = useAsked(
    (signal) => history.performance(signal),
    [history, changes],
  );
  return (
    <details class="performance">
      <summary>
        <h2>How past predictions did</h2>
        {value !== undefined && <span class="soft"> {inShort(value)}</span>}
      </summary>
      {error !== undefined && <Failure error={error} again={again} />}
      {value !== undefined && value.models.length === 0 && (
        <p class="soft">
          No prediction has an outcome yet. Add outcomes below as trials end: then this shows
          whether the probabilities were right.
        </p>
      )}
      {value?.models.map((one) => (
        <OfModel key={one.model.sha256} performance={one} />
      ))}
      {value !== undefined && value.models.length > 0 && (
        <p class="note">
          Trials are recognised by their NCT number alone: one that a model was made with, but that
          was predicted without its number, counts as unseen.
        </p>
      )}
    </details>
  );
}

/** Of the model used last, in a few words. */
function inShort({ models: [latest] }: Performance): string {
  if (latest === undefined) return "no outcome yet";
  const { unseen } = latest;
  if (unseen === null) return "no trial that the model had not seen";
  const auc = unseen.rocAuc === null ? "" : `, ROC-AUC ${unseen.rocAuc.value.toFixed(2)}`;
  return `${plural(unseen.n, "trial")} with an outcome${auc}`;
}

function OfModel({
  performance: { model, unseen, unsaid, seen },
}: {
  performance: ModelPerformance;
}) {
  return (
    <div>
      <h3>
        {model.name} <code>{model.sha256.slice(0, 8)}</code>
      </h3>
      {unseen === null ? (
        <p class="soft">No labelled trial that the model had not seen.</p>
      ) : (
        <FiguresView figures={unseen} />
      )}
      {unsaid > 0 && (
        <p class="note">
          Of {unsaid === 1 ? "one" : count(unsaid)} of these trials the model does not say whether
          it was made with {unsaid === 1 ? "it" : "them"}.
        </p>
      )}
      {seen !== null && (
        <p class="note">
          {seen.n === 1
            ? "1 further labelled trial was used to make the model; it shows nothing and is left out."
            : `${count(seen.n)} further labelled trials were used to make the model; they show nothing and are left out.`}
        </p>
      )}
    </div>
  );
}

function FiguresView({ figures }: { figures: Figures }) {
  const { n, successes, brier, logLoss, rocAuc, ece, bins } = figures;
  const option = useMemo(() => calibrationChart(bins), [bins]);
  return (
    <div class="plots">
      <div>
        <dl class="facts">
          <Fact
            name="Labelled trials"
            value={`${count(n)}, of which ${count(successes)} succeeded`}
          />
          <Fact
            name="ROC-AUC"
            value={
              rocAuc === null
                ? "needs both outcomes"
                : `${rocAuc.value.toFixed(3)}${
                    rocAuc.interval === null
                      ? ""
                      : `, 95 % ${rocAuc.interval[0].toFixed(2)} to ${rocAuc.interval[1].toFixed(2)}`
                  }`
            }
          />
          <Fact
            name="Brier score"
            value={`${brier.toFixed(3)}${
              // Who always says the share of trials that all ended alike is never wrong, but knew their end.
              successes === 0 || successes === n
                ? ""
                : `; always saying the share: ${((successes / n) * (1 - successes / n)).toFixed(3)}`
            }`}
          />
          <Fact name="Log loss" value={logLoss.toFixed(3)} />
          <Fact name="Calibration error" value={ece.toFixed(3)} />
        </dl>
        {n < FEW && (
          <p class="warning">
            <b>{plural(n, "trial")} only.</b> With fewer than {FEW}, all of this is mostly chance:
            read nothing into it yet.
            {n < TOO_FEW_TO_DRAW &&
              ` A calibration plot is drawn from ${TOO_FEW_TO_DRAW} trials on: with fewer, each dot would be a trial or two.`}
          </p>
        )}
      </div>
      {n >= TOO_FEW_TO_DRAW && <CalibrationFigure bins={bins} option={option} />}
    </div>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface CalibrationProps {
  readonly bins: readonly {
    from: number;
    to: number;
    count: number;
    predicted: number | null;
    observed: number | null;
  }[];
  readonly option: ReturnType<typeof calibrationChart>;
}

export function CalibrationFigure({ bins, option }: CalibrationProps) {
  return (
    <Chart
      caption="Calibration: observed against predicted"
      label={`Calibration plot of ${plural(bins.filter((bin) => bin.count > 0).length, "bin")}; larger dots have more trials, on the diagonal probabilities are frequencies.`}
      option={option}
      height={CURVE_HEIGHT}
      table={{
        head: ["P(success)", "Trials", "Predicted", "Observed"],
        rows: bins
          .filter((bin) => bin.count > 0)
          .map((bin) => [
            `${percent(bin.from)} to ${percent(bin.to)}`,
            bin.count,
            bin.predicted === null ? "" : percent(bin.predicted),
            bin.observed === null ? "" : percent(bin.observed),
          ]),
      }}
    />
  );
}
