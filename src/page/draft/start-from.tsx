import { useId, useState } from "preact/hooks";
import type { FoundTrial } from "../../serving/answer.js";
import type { Api } from "../api.js";
import { Failure } from "../failure.js";
import { Problem } from "../problem.js";
import { type FormDraft, formOf } from "./form-draft.js";
import { LookUpForm } from "./look-up-form.js";

interface StartProps {
  readonly api: Api;
  readonly take: (draft: FormDraft, from: string) => void;
}

/** Ways to fill the form: a registered trial's number, a record pasted or dropped, an example. */
export function StartFrom({ api, take }: StartProps) {
  const id = useId();
  const [pasted, setPasted] = useState("");
  const [isOver, setOver] = useState(false);
  const [busy, setBusy] = useState("");
  const [error, setError] = useState<unknown>();

  const run = async (what: string, find: () => Promise<[FormDraft, string]>) => {
    setBusy(what);
    setError(undefined);
    try {
      take(...(await find()));
      setPasted("");
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy("");
    }
  };
  const read = (text: string) =>
    run("Reading the record …", async () => [await draftFrom(api, text), "the record"]);
  const { lookUp } = api;
  return (
    <section
      class={`start ${isOver ? "over" : ""}`}
      aria-labelledby={`${id}-h`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault();
        setOver(false);
        const data = event.dataTransfer;
        const text = (await data?.files[0]?.text()) ?? data?.getData("text/plain");
        if (text) await read(text);
      }}
    >
      <h2 id={`${id}-h`} class="unseen">
        Start from
      </h2>
      {lookUp !== undefined && (
        <LookUpForm
          label="NCT number"
          placeholder="NCT01234567"
          lookUp={(wanted) =>
            run(`Looking ${wanted} up …`, async () => {
              const found = await lookUp(wanted);
              return [formOf(found.draft), `${found.draft.nctId ?? wanted}${becameOf(found)}`];
            })
          }
        />
      )}
      <div class="ways">
        <label class="button quiet file">
          Open a record
          <input
            type="file"
            accept=".json,application/json"
            onChange={async ({ currentTarget }) => {
              const text = await currentTarget.files?.[0]?.text();
              currentTarget.value = "";
              if (text !== undefined) await read(text);
            }}
          />
        </label>
        <button
          type="button"
          class="quiet"
          onClick={() =>
            run("Opening an example …", async () => [await anExample(api), "an invented example"])
          }
        >
          Example trial
        </button>
      </div>
      <details>
        <summary>Paste a record</summary>
        <div class="field">
          <label for={`${id}-record`}>A study as ClinicalTrials.gov’s API v2 gives it (JSON)</label>
          <textarea
            id={`${id}-record`}
            rows={4}
            spellcheck={false}
            value={pasted}
            onInput={(event) => setPasted(event.currentTarget.value)}
            onPaste={(event) => {
              const text = event.clipboardData?.getData("text/plain") ?? "";
              if (!text.trimStart().startsWith("{")) return;
              event.preventDefault();
              setPasted(text);
              read(text);
            }}
          />
          <button
            type="button"
            class="quiet"
            disabled={pasted.trim() === ""}
            onClick={() => read(pasted)}
          >
            Read it
          </button>
        </div>
      </details>
      <p class="hint">A record can also be dropped here.</p>
      <p role="status" class="hint">
        {busy}
      </p>
      {error !== undefined && <Failure error={error} />}
    </section>
  );
}

/** The draft of a record's text. @throws Error in words for the reader */
export async function draftFrom(api: Api, text: string): Promise<FormDraft> {
  let study: unknown;
  try {
    study = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `This is no JSON (${(error as Error).message}). Give one study of ClinicalTrials.gov’s API v2.`,
    );
  }
  if (Array.isArray(study)) {
    if (study.length !== 1)
      throw new Error(
        study.length === 0
          ? "There is no record in it."
          : `These are ${study.length} records; the form has room for one.`,
      );
    study = study[0];
  }
  try {
    return formOf(await api.draftOf(study));
  } catch (error) {
    // Its sentence says it all: the fields are not of this form.
    throw error instanceof Problem && error.status === 400 ? new Error(`${error.message}.`) : error;
  }
}

let next = 1;
/** One of the invented trials that come with cladmop, another each time. */
async function anExample(api: Api): Promise<FormDraft> {
  const { default: studies } = await import("../../../examples/trials.json");
  return formOf(await api.draftOf(studies[next++ % studies.length]));
}

function becameOf({ outcome, source }: FoundTrial): string {
  const end =
    outcome.label === 1 ? "; it succeeded" : outcome.label === 0 ? "; it did not succeed" : "";
  return `${source === "online" ? " from ClinicalTrials.gov" : ""}${end}`;
}
