import { useState } from "preact/hooks";
import type { Answer, Api } from "../api.js";
import { useAsked } from "../ask.js";
import { askedOf, type FormDraft, inputOf, isBlank } from "../draft/form-draft.js";
import { Problem } from "../problem.js";

/** An answer with the draft that it is about. */
export interface Answered {
  readonly draft: FormDraft;
  readonly answer: Answer;
  readonly runsIn: Api["runsIn"];
}

export interface Answers {
  /** What was asked for by name, and is in the history where there is one. */
  readonly kept: Answered | undefined;
  /** What is shown: of the edited draft if "what if" is on, else the kept answer. */
  readonly shown: Answered | undefined;
  /** Whether the draft is no longer the kept one. */
  readonly isEdited: boolean;
  readonly isLive: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
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
  const [error, setError] = useState<unknown>();
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
      setError(
        new Problem("Something is missing.", 400, [
          { field, message: "Write down who may take part: the model reads the criteria." },
        ]),
      );
      return;
    }
    setAsking(true);
    setError(undefined);
    try {
      setKept({ draft, answer: await predictAndKeep(api, draft), runsIn: api.runsIn });
    } catch (problem) {
      setError(problem);
    } finally {
      setAsking(false);
    }
  };
  return {
    kept,
    shown: (follows ? whatIf.value : undefined) ?? kept,
    isEdited,
    isLive,
    isBusy: isAsking || whatIf.isBusy,
    error: error ?? whatIf.error,
    setLive,
    ask,
    open: (answered) => {
      setError(undefined);
      setKept(answered);
    },
    clear: () => {
      setError(undefined);
      setKept(undefined);
    },
    again: error === undefined ? whatIf.again : () => void ask(),
  };
}

/** An answer that is kept, unless the reader's token may only read. */
async function predictAndKeep(api: Api, draft: FormDraft): Promise<Answer> {
  try {
    return await api.predict(inputOf(draft), { keep: true });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 403)) throw error;
    return await api.predict(inputOf(draft), { keep: false });
  }
}
