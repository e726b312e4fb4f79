import { useEffect, useRef, useState } from "preact/hooks";
import { AnswerView, presentModel } from "./answer/answer-view.js";
import type { Answered, Answers } from "./answer/use-answers.js";
import type { Api } from "./api.js";
import { DraftForm } from "./draft/draft-form.js";
import { type FormDraft, otherProblems } from "./draft/form-draft.js";
import { StartFrom } from "./draft/start-from.js";
import { Failure } from "./failure.js";
import { Problem } from "./problem.js";
import { percent, points } from "./words.js";

interface PredictProps {
  readonly api: Api;
  readonly draft: FormDraft;
  /** Whether trials are looked up at ClinicalTrials.gov. */
  readonly online: boolean;
  readonly change: (draft: FormDraft) => void;
  /** A draft that was not typed, and takes the answer away. */
  readonly fill: (draft: FormDraft) => void;
  readonly answers: Answers;
  readonly compare: (answered: Answered) => void;
}

/** A draft beside its answer. */
export function Predict({ api, online, draft, change, fill, answers, compare }: PredictProps) {
  const { kept, shown, error, problems, isBusy } = answers;
  const [from, setFrom] = useState("");
  const form = useRef<HTMLFormElement>(null);
  // What stands at its field need not be said again.
  const isAtFields = problems.length > 0 && otherProblems(problems).length === 0;

  // The focus goes where the reader is wanted: to what is wrong, or to the answer.
  useEffect(() => {
    if (error !== undefined)
      form.current?.querySelector<HTMLElement>("[aria-invalid=true], .failure button")?.focus();
  }, [error]);
  const before = useRef(kept);
  useEffect(() => {
    if (kept !== undefined && kept !== before.current) showAnswer();
    before.current = kept;
  }, [kept]);

  return (
    <div class="sides">
      <div class="draft-side">
        <h1 tabIndex={-1}>Predict a trial</h1>
        <StartFrom
          api={api}
          take={(filled, source) => {
            fill(filled);
            setFrom(`Filled in from ${source}.`);
            requestAnimationFrame(() =>
              form.current?.querySelector<HTMLElement>("[type=submit]")?.focus(),
            );
          }}
        />
        <p role="status" class="hint">
          {from}
        </p>
        <form
          ref={form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setFrom("");
            answers.ask();
          }}
        >
          <DraftForm api={api} draft={draft} change={change} problems={problems} />
          {error !== undefined && !isAtFields && (
            <Failure error={error} again={isHopeless(error) ? undefined : answers.again} />
          )}
          <div class="row">
            <button type="submit" class="main" aria-disabled={isBusy}>
              {answers.isEdited && api.unkept === undefined ? "Predict and keep" : "Predict"}
            </button>
            {isBusy && kept === undefined && (
              <span role="status" class="waiting">
                Predicting …
              </span>
            )}
          </div>
          {api.unkept !== undefined && <p class="hint">{api.unkept}</p>}
        </form>
      </div>
      <div class="answer-side">
        {shown === undefined ? (
          <Welcome api={api} online={online} />
        ) : (
          <AnswerView
            api={api}
            answers={answers}
            shown={shown}
            compare={compare}
            goBack={() => kept !== undefined && change(kept.draft)}
            removeNumber={() => change({ ...draft, nctId: "" })}
          />
        )}
      </div>
      {kept !== undefined && shown !== undefined && shown !== kept && (
        <LiveBar kept={kept} shown={shown} />
      )}
    </div>
  );
}

/** On a narrow screen the answer is far below the form: while one edits, its figure stays in sight. */
function LiveBar({ kept, shown }: { kept: Answered; shown: Answered }) {
  const [now, then] = [shown, kept].map(({ answer }) => answer.prediction.probability) as [
    number,
    number,
  ];
  return (
    <p class="live-bar" aria-hidden="true">
      What if: <b>{percent(now)}</b>{" "}
      {presentModel(kept, shown) === undefined && <span>{points(100 * (now - then))} points</span>}
    </p>
  );
}

/** Asking the same again has the same answer. */
const isHopeless = (error: unknown): boolean => error instanceof Problem && error.status === 400;

/** Puts the focus on the answer; on a narrow screen, where it is below the form, its figure comes into view. */
function showAnswer() {
  const title = document.getElementById("answer");
  title?.focus({ preventScroll: true });
  const figure = document.querySelector(".answer .figure")?.getBoundingClientRect();
  if (figure !== undefined && (figure.top < 0 || figure.bottom > innerHeight))
    title?.scrollIntoView({ block: "start" });
}

function Welcome({ api, online }: Pick<PredictProps, "api" | "online">) {
  return (
    <div class="welcome">
      <p>
        Write down a trial before it starts: who may take part, which drugs it gives, for what. The
        model answers how likely it is to succeed, by what it learnt from past trials, and shows
        what it saw and what moved it.
      </p>
      <p class="soft">
        {api.runsIn === "browser"
          ? "The model runs in this browser. Nothing that you write leaves this machine."
          : `The model runs on the server that this page came from. What you write is sent there, and nowhere else${
              online
                ? ", but for an NCT number that you look up: the server asks ClinicalTrials.gov for it"
                : ""
            }.`}
      </p>
      <p class="soft">
        A draft lives in this tab alone: title, conditions and criteria are gone when it is closed
        or loaded anew
        {api.unkept === undefined
          ? ", unless they were predicted: then the history has them."
          : "."}
      </p>
    </div>
  );
}
