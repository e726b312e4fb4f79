import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer, Api } from "../api.js";
import { useAsked } from "../ask.js";
import { askedOf, inputOf, nameOf } from "../draft/form-draft.js";
import { Failure } from "../failure.js";
import { Problem } from "../problem.js";
import { capital, dateTime, percent, phaseName, points, visible } from "../words.js";
import { fileName, htmlOf, jsonOf, NOTE, save } from "./export.js";
import { Headline } from "./headline.js";
import { Pulls } from "./pulls.js";
import { ReadingView } from "./reading.js";
import { SimilarTrials } from "./similar.js";
import type { Answered, Answers } from "./use-answers.js";

const NEIGHBOURS = 8;
type Model = Answer["model"];

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
  const present = presentModel(kept!, shown);
  // What another model says would be no explanation of this answer.
  const isOther = explained === kept && present !== undefined;
  const explanation = useAsked(
    isOther ? undefined : (signal) => api.explain(inputOf(explained.draft), signal),
    [api, key, isOther],
  );
  const similar = useAsked(
    isOther || api.similar === undefined
      ? undefined
      : (signal) => api.similar!(inputOf(explained.draft), NEIGHBOURS, signal),
    [api, key, isOther],
  );
  const article = useRef<HTMLElement>(null);
  const spoken = useSpoken(
    `${isWhatIf ? "What if: " : ""}${percent(prediction.probability)}, 90 percent interval ${percent(prediction.interval[0])} to ${percent(prediction.interval[1])}${
      isWhatIf && present === undefined
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
      {present !== undefined && (
        <OtherModel
          was={kept!.answer.model}
          present={present}
          isWhatIf={isWhatIf}
          again={() => void answers.ask()}
        />
      )}
      <div role="status">
        {answers.isEmptied && (
          <p class="warning">
            <b>There is nothing to predict:</b> the draft has no criteria any more. This is the kept
            answer.
          </p>
        )}
      </div>
      <Headline
        api={api}
        model={model.sha256}
        prediction={prediction}
        isWhatIf={isWhatIf}
        kept={isWhatIf && present === undefined ? kept.answer.prediction : undefined}
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
        {isOther && <NotOfOther />}
        {isOld && (
          <p class={isOther ? "row screen-only" : "row"}>
            {!isOther && "This is of the kept draft."}
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
        {isOther && api.similar !== undefined && <NotOfOther />}
        {api.similar === undefined || isNoIndex(similar.error) ? (
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
            <dd>{visible(shown.draft.conditions.join("; ")) || "none"}</dd>
          </div>
          <div>
            <dt>Interventions</dt>
            <dd>
              {visible(shown.draft.interventions.map(({ name }) => name).join("; ")) || "none"}
            </dd>
          </div>
        </dl>
        <p class="pre" dir="auto">
          {visible(shown.draft.eligibilityCriteria)}
        </p>
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

/** The model that answers now, if it is another than that of the kept answer. */
export const presentModel = (kept: Answered, shown: Answered): Model | undefined =>
  shown.answer.model.sha256 === kept.answer.model.sha256 ? kept.present : shown.answer.model;

interface OtherModelProps {
  readonly was: Model;
  readonly present: Model;
  readonly isWhatIf: boolean;
  readonly again: () => void;
}

/** Says that a kept answer is of another model than the present one. */
function OtherModel({ was, present, isWhatIf, again }: OtherModelProps) {
  return (
    <div class="warning">
      <p>
        <b>The kept answer is of another model</b> ({was.name}{" "}
        <code title={was.sha256}>{was.sha256.slice(0, 8)}</code>) than the one that answers now (
        {present.name} <code title={present.sha256}>{present.sha256.slice(0, 8)}</code>).{" "}
        {isWhatIf
          ? "What is shown is of the present model; it is not set against the kept answer, because part of the difference would be the change of model."
          : "What pulls it up or down and which trials are similar is not shown: the present model could only say it of its own answer."}
      </p>
      <p class="screen-only">
        <button type="button" class="quiet" onClick={again}>
          Predict again with the present model
        </button>
      </p>
    </div>
  );
}

function NotOfOther() {
  return <p class="soft">Not shown: the kept answer is of another model than the present one.</p>;
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
