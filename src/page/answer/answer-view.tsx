import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../api.js";
import { useAsked } from "../ask.js";
import { askedOf, inputOf, nameOf } from "../draft/form-draft.js";
import { Failure } from "../failure.js";
import { Problem } from "../problem.js";
import { capital, dateTime, percent, phaseName, points } from "../words.js";
import { fileName, htmlOf, jsonOf, NOTE, save } from "./export.js";
import { Headline } from "./headline.js";
import { Pulls } from "./pulls.js";
import { ReadingView } from "./reading.js";
import { SimilarTrials } from "./similar.js";
import type { Answered, Answers } from "./use-answers.js";

const NEIGHBOURS = 8;

interface AnswerViewProps {
  readonly api: Api;
  readonly answers: Answers;
  readonly shown: Answered;
  readonly compare: (answered: Answered) => void;
  /** Takes the form back to the kept draft. */
  readonly goBack: () => void;
  readonly removeNumber: () => void;
}

/** The answer as one looks at it; explanation and similar trials follow when they are there. */
export function AnswerView(props: AnswerViewProps) {
  const { api, answers, shown, compare, goBack, removeNumber } = props;
  const { kept } = answers;
  const isWhatIf = kept !== undefined && shown !== kept;
  const { prediction, model, createdAt, id } = shown.answer;
  // Explanations cost more than answers: those of an edited draft are asked for by name.
  const [wanted, setWanted] = useState<Answered>();
  const explained =
    wanted !== undefined && askedOf(wanted.draft) === askedOf(shown.draft) ? shown : kept!;
  const key = askedOf(explained.draft);
  const isOld = explained !== shown && key !== askedOf(shown.draft);
  const explanation = useAsked(
    (signal) => api.explain(inputOf(explained.draft), signal),
    [api, key],
  );
  const similar = useAsked(
    (signal) => api.similar(inputOf(explained.draft), NEIGHBOURS, signal),
    [api, key],
  );
  const article = useRef<HTMLElement>(null);
  const spoken = useSpoken(
    `${isWhatIf ? "What if: " : ""}${percent(prediction.probability)}, 90 percent interval ${percent(prediction.interval[0])} to ${percent(prediction.interval[1])}${
      isWhatIf
        ? `, ${points(100 * (prediction.probability - kept.answer.prediction.probability))} points from the kept answer`
        : ""
    }`,
  );
  const explanationOf = () => (isOld ? undefined : explanation.value);
  return (
    <article ref={article} class="answer" aria-labelledby="answer" aria-busy={answers.isBusy}>
      <p class="unseen" role="status">
        {spoken}
      </p>
      <header>
        <h2 id="answer" tabIndex={-1}>
          {nameOf(shown.draft)}
        </h2>
        <p class="soft">
          <span class="nowrap">{capital(phaseName(prediction.phase))}</span>; {dateTime(createdAt)}
          {isWhatIf ? ", what if: not kept" : id === null ? ", not kept" : ""}; model {model.name}{" "}
          <code title={model.sha256}>{model.sha256.slice(0, 8)}</code>,{" "}
          {shown.runsIn === "browser" ? "run in this browser" : "run on the server"}
        </p>
      </header>
      <p class="paper-only note">{NOTE}</p>
      <Headline
        api={api}
        prediction={prediction}
        kept={isWhatIf ? kept.answer.prediction : undefined}
        removeNumber={removeNumber}
      />
      <div class="row screen-only">
        <label class="check">
          <input
            type="checkbox"
            checked={answers.isLive}
            onChange={({ currentTarget }) => answers.setLive(currentTarget.checked)}
          />
          What if: the answer follows my edits
        </label>
        {answers.isEdited && (
          <button type="button" class="quiet" onClick={goBack}>
            Back to the kept draft
          </button>
        )}
      </div>
      <div class="row screen-only">
        <button type="button" class="quiet" onClick={() => compare(shown)}>
          Compare
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() =>
            save(
              fileName(shown, "json"),
              "application/json",
              jsonOf(shown, explanationOf(), isOld ? undefined : similar.value),
            )
          }
        >
          Save as JSON
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() =>
            save(fileName(shown, "html"), "text/html", htmlOf(article.current!, shown))
          }
        >
          Save as a page
        </button>
        <button type="button" class="quiet" onClick={() => window.print()}>
          Print or PDF
        </button>
      </div>
      <ReadingView api={api} prediction={prediction} />
      <section aria-labelledby="pulls" class={isOld ? "old" : undefined}>
        <h3 id="pulls">What pulls it up or down</h3>
        {isOld && (
          <p class="row">
            This is of the kept draft.
            <button type="button" class="quiet" onClick={() => setWanted(shown)}>
              Explain the edited draft
            </button>
          </p>
        )}
        {explanation.isBusy && <Waiting what="Leaving out one thing after the other" />}
        {explanation.error !== undefined && (
          <Failure error={explanation.error} again={explanation.again} />
        )}
        {explanation.value !== undefined && <Pulls explanation={explanation.value} />}
      </section>
      <section aria-labelledby="similar" class={isOld ? "old" : undefined}>
        <h3 id="similar">Similar past trials</h3>
        {similar.isBusy && <Waiting what="Looking for similar trials" />}
        {isNoIndex(similar.error) ? (
          <NoIndex />
        ) : (
          similar.error !== undefined && <Failure error={similar.error} again={similar.again} />
        )}
        {similar.value !== undefined && <SimilarTrials neighbours={similar.value} />}
      </section>
      <section class="paper-only" aria-labelledby="asked">
        <h3 id="asked">The draft</h3>
        <dl class="facts">
          <div>
            <dt>Conditions</dt>
            <dd>{shown.draft.conditions.join("; ") || "none"}</dd>
          </div>
          <div>
            <dt>Interventions</dt>
            <dd>{shown.draft.interventions.map(({ name }) => name).join("; ") || "none"}</dd>
          </div>
        </dl>
        <p class="pre">{shown.draft.eligibilityCriteria}</p>
        <h3>The model</h3>
        <p class="note">
          {model.name}, version (SHA-256 of its card) <code>{model.sha256}</code>
        </p>
      </section>
    </article>
  );
}

export function Waiting({ what }: { what: string }) {
  return (
    <p class="waiting" role="status">
      {what} …
    </p>
  );
}

function NoIndex() {
  return (
    <>
      <p class="soft">Similar past trials are not set up on this server.</p>
      <details class="screen-only">
        <summary>For whoever runs it</summary>
        <p class="note">
          Make an index of past trials with <code class="nowrap">cladmop index</code>, and name it
          with <code class="nowrap">cladmop serve --past FOLDER</code>.
        </p>
      </details>
    </>
  );
}

/** Whether there is no index of past trials: no fault, but something to be made. */
const isNoIndex = (error: unknown): boolean =>
  error instanceof Problem &&
  (error.status === 400 || error.status === 404) &&
  error.fields.length === 0;

/** Milliseconds that an answer stands before it is read out: one that follows every key would never let the reader hear. */
const CALM = 700;

function useSpoken(text: string): string {
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(text), CALM);
    return () => clearTimeout(timer);
  }, [text]);
  return spoken;
}
