import { useState } from "preact/hooks";
import type { Answer, Api } from "../api.js";
import { useAsked } from "../ask.js";
import { askedOf, type FormDraft, fieldOf, inputOf, isBlank } from "../draft/form-draft.js";
import { type FieldProblem, Problem } from "../problem.js";

/** An answer with the draft that it is about. */
export interface Answered {
  readonly draft: FormDraft;
  readonly answer: Answer;
  readonly runsIn: Api["runsIn"];
  /** The model that answers now, if it is another than this answer's. */
  readonly present?: Answer["model"] | undefined;
}

export interface Answers {
  /** What was asked for by name, and is in the history where there is one. */
  readonly kept: Answered | undefined;
  /** What is shown: of the edited draft if "what if" is on, else the kept answer. */
  readonly shown: Answered | undefined;
  /** Whether the draft is no longer the kept one. */
  readonly isEdited: boolean;
  readonly isLive: boolean;
  /** Whether the answer cannot follow, because no criteria are left. */
  readonly isEmptied: boolean;
  readonly isBusy: boolean;
  /** Why there is no answer; undefined as soon as every field is edited that was wrong. */
  readonly error: unknown;
  /** Wrong fields, less those that have been edited since. */
  readonly problems: readonly FieldProblem[];
  setLive(isLive: boolean): void;
  ask(): Promise<void>;
  /** Shows an answer that the history had. */
  open(answered: Answered): void;
  /** Takes the answer away, as a new draft has none. */
  clear(): void;
  again(): void;
}

/** Milliseconds without an edit before the answer follows. */
export const PAUSE = 300;

/** The answer to a draft: asked for once and kept, then following every edit ("what if") without being kept. */
export function useAnswers(api: Api | undefined, draft: FormDraft): Answers {
  const [kept, setKept] = useState<Answered>();
  const [isAsking, setAsking] = useState(false);
  const [failed, setFailed] = useState<{ error: unknown; draft: FormDraft }>();
  const [isLive, setLive] = useState(true);
  const asked = askedOf(draft);
  const isEdited = kept !== undefined && askedOf(kept.draft) !== asked;
  const follows = isEdited && isLive && !isAsking && !isBlank(draft);
  const whatIf = useAsked(
    follows && api !== undefined
      ? async (signal): Promise<Answered> => ({
          draft,
          answer: await api.predict(inputOf(draft), { keep: false, signal }),
          runsIn: api.runsIn,
        })
      : undefined,
    [follows, asked, api],
    PAUSE,
  );

  const ask = async () => {
    if (api === undefined || isAsking) return;
    if (isBlank(draft)) {
      const field = "/trial/eligibilityCriteria";
      const error = new Problem("Something is missing.", 400, [
        { field, message: "Write down who may take part: the model reads the criteria." },
      ]);
      setFailed({ error, draft });
      return;
    }
    setAsking(true);
    setFailed(undefined);
    try {
      if (kept !== undefined && isSame(kept, draft, api) && (await isThere(api, kept.answer)))
        setKept({ ...kept, draft });
      else {
        const answer = await api.predict(inputOf(draft), { keep: api.unkept === undefined });
        setKept({ draft, answer, runsIn: api.runsIn });
      }
    } catch (error) {
      setFailed({ error, draft });
    } finally {
      setAsking(false);
    }
  };
  const failure = failed ?? { error: whatIf.error, draft };
  const problems = problemsLeft(failure.error, failure.draft, draft);
  return {
    kept,
    shown: (follows ? whatIf.value : undefined) ?? kept,
    isEdited,
    isLive,
    isEmptied: isEdited && isLive && isBlank(draft),
    isBusy: isAsking || whatIf.isBusy,
    error: problems?.length === 0 ? undefined : failure.error,
    problems: problems ?? [],
    setLive,
    ask,
    open: (answered) => {
      setFailed(undefined);
      setKept(answered);
    },
    clear: () => {
      setFailed(undefined);
      setKept(undefined);
    },
    again: failed === undefined ? whatIf.again : () => void ask(),
  };
}

/** Whether a draft has been asked about already, title and all, so that asking again would only keep the same once more. */
const isSame = ({ draft: before, answer, runsIn }: Answered, draft: FormDraft, api: Api) =>
  JSON.stringify(before) === JSON.stringify(draft) &&
  runsIn === api.runsIn &&
  (answer.id !== null || api.unkept !== undefined);

/** Whether an answer is of the present model, and still in the history if it was kept. */
async function isThere({ models, history }: Api, { id, model }: Answer): Promise<boolean> {
  if (!(await models()).some(({ sha256 }) => sha256 === model.sha256)) return false;
  try {
    if (id !== null) await history?.get(id);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}

/** Of the wrong fields that an error names those that are still as they were; undefined if it names none. */
function problemsLeft(
  error: unknown,
  before: FormDraft,
  now: FormDraft,
): readonly FieldProblem[] | undefined {
  if (!(error instanceof Problem) || error.fields.length === 0) return undefined;
  return error.fields.filter((problem) => {
    const field = fieldOf(problem);
    return field === undefined || before[field] === now[field];
  });
}
