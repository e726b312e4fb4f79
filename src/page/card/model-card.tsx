import { useMemo } from "preact/hooks";
import type { KeptEvaluation, ModelInfo } from "../../serving/answer.js";
import { PHASES } from "../../trial/record.js";
import { Waiting } from "../answer/answer-view.js";
import type { Api } from "../api.js";
import { useAsked } from "../ask.js";
import { Chart, Table } from "../chart/chart.js";
import { CURVE_HEIGHT, calibrationChart, rocChart } from "../chart/curves.js";
import { Failure } from "../failure.js";
import { CalibrationFigure, Fact } from "../history/performance-view.js";
import { capital, count, percent, phaseName, plural, rateOf } from "../words.js";

/** What the model is, how it did, and what must not be concluded from it. */
export function ModelCard({ api }: { api: Api }) {
  const { value, error, isBusy, again } = useAsked((signal) => api.models(signal), [api]);
  return (
    <div class="card">
      <h1 tabIndex={-1}>Model card</h1>
      {error !== undefined && <Failure error={error} again={again} />}
      {isBusy && value === undefined && <Waiting what="Loading" />}
      {value?.map((model) => (
        <Card key={model.sha256} model={model} />
      ))}
    </div>
  );
}

function Card({ model }: { model: ModelInfo }) {
  const id = model.sha256.slice(0, 8);
  return (
    <article aria-labelledby={id}>
      <h2 id={id}>
        {model.name} <code title={model.sha256}>{id}</code>
      </h2>
      <section>
        <h3>What success means</h3>
        <p>{model.success}</p>
      </section>
      <div class="columns">
        <section>
          <h3>What must not be concluded</h3>
          <ul class="sentences">
            {model.notToConclude.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
        <section>
          <h3>Limits</h3>
          <ul class="sentences">
            {model.limits.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      </div>
      {model.baseRates !== null && (
        <section>
          <h3>Base rates</h3>
          <Table
            head={["Phase", "Training trials", "Succeeded", "Share"]}
            rows={PHASES.flatMap((phase) => {
              const rate = model.baseRates![phase];
              return rate === undefined
                ? []
                : [[capital(phaseName(phase)), rate.trials, rate.successes, percent(rateOf(rate))]];
            })}
          />
        </section>
      )}
      <section>
        <h3>How it did</h3>
        {model.evaluations.length === 0 && (
          <p class="soft">
            Nothing is kept. <code>cladmop evaluate FILE --keep</code> adds figures and plots here.
          </p>
        )}
        {model.evaluations.map((one) => (
          <EvaluationView key={one.sha256} evaluation={one} />
        ))}
      </section>
      <section>
        <h3>What it is made of</h3>
        <dl class="facts">
          <Fact
            name="Preset"
            value={`${model.preset}, ${model.members} members${model.pretrained ? ", pre-trained" : ""}`}
          />
          <Fact
            name="Out of fold"
            value={`ROC-AUC ${model.outOfFold.rocAuc.toFixed(3)}, PR-AUC ${model.outOfFold.prAuc.toFixed(3)} on training trials, each by members that had not seen it`}
          />
          <Fact
            name="Validation"
            value={`ROC-AUC ${model.validation.rocAuc.toFixed(3)}, PR-AUC ${model.validation.prAuc.toFixed(3)}; these trials chose threshold and temperature`}
          />
          <Fact name="Threshold" value={model.threshold.toFixed(3)} />
          <Fact name="Temperature" value={model.temperature.toFixed(3)} />
          <Fact name="Terms" value={model.terms} />
        </dl>
        <details>
          <summary>Training data and encoder, each file with its hash (SHA-256)</summary>
          <dl class="facts hashes">
            {Object.entries(model.data).map(([file, hash]) => (
              <Fact key={file} name={file} value={hash} />
            ))}
            <Fact name="Language encoder" value={model.encoder} />
            <Fact name="This card" value={model.sha256} />
          </dl>
        </details>
      </section>
    </article>
  );
}

function EvaluationView({ evaluation }: { evaluation: KeptEvaluation }) {
  const {
    file,
    trials,
    successes,
    rocAuc,
    prAuc,
    f1,
    brier,
    ece,
    interval,
    calibration,
    roc,
    note,
  } = evaluation;
  const calibrated = useMemo(() => calibrationChart(calibration), [calibration]);
  const curve = useMemo(() => rocChart(roc), [roc]);
  const share = successes / trials;
  const within = ([low, high]: readonly [number, number]) =>
    `95 % ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return (
    <section class="evaluation" aria-label={evaluationName(evaluation)}>
      <h4>
        {evaluationName(evaluation)} <code>{file}</code>
      </h4>
      {note !== null && <p class="warning">{capital(note).replace(/[^.!?]$/, "$&.")}</p>}
      <dl class="facts">
        <Fact name="Trials" value={`${count(trials)}, ${percent(share)} of them successful`} />
        <Fact
          name="ROC-AUC"
          value={`${rocAuc.toFixed(3)}, ${within(interval.rocAuc)}; chance: 0.500`}
        />
        <Fact
          name="PR-AUC"
          value={`${prAuc.toFixed(3)}, ${within(interval.prAuc)}; chance: ${share.toFixed(3)}`}
        />
        <Fact
          name="F1"
          value={`${f1.toFixed(3)}; always saying success: ${((2 * share) / (1 + share)).toFixed(3)}`}
        />
        <Fact
          name="Brier score"
          value={`${brier.toFixed(3)}; always saying the share: ${(share * (1 - share)).toFixed(3)}`}
        />
        <Fact name="Calibration error" value={ece.toFixed(3)} />
      </dl>
      <div class="plots">
        <CalibrationFigure bins={calibration} option={calibrated} />
        <Chart
          caption="ROC: successes found against failures called successes"
          label={`ROC curve with an area of ${rocAuc.toFixed(3)}; the dashed diagonal is chance.`}
          option={curve}
          height={CURVE_HEIGHT}
          table={{
            head: ["Failures called successes", "Successes found"],
            rows: thinned(roc).map((point) => point.map(percent)),
          }}
        />
      </div>
    </section>
  );
}

/** "phase_II_valid.csv" → "Phase II validation: 446 trials" */
const evaluationName = ({ file, trials }: KeptEvaluation): string =>
  `${capital(
    file
      .replace(/(\.[a-z]+)+$/i, "")
      .replaceAll(/[_-]+/g, " ")
      .replace(/\bvalid\b/, "validation"),
  )}: ${plural(trials, "trial")}`;

/** Points of a curve for a table: every tenth or so. */
const thinned = <T,>(points: readonly T[]): T[] => {
  const step = Math.max(1, Math.ceil(points.length / 20));
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
};
