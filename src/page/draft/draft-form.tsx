import { useEffect, useId, useRef, useState } from "preact/hooks";
import { PHASES, type Phase } from "../../trial/record.js";
import type { Api } from "../api.js";
import type { FieldProblem } from "../problem.js";
import { Structure } from "../structure.js";
import { capital, count, phaseName, plural, TURNING, visible } from "../words.js";
import { Combobox } from "./combobox.js";
import { type FormDraft, placeOf, problemsOf } from "./form-draft.js";

interface FormProps {
  readonly api: Api;
  readonly draft: FormDraft;
  readonly change: (draft: FormDraft) => void;
  readonly problems: readonly FieldProblem[];
}

const SUGGESTIONS = 8;
/** As ClinicalTrials.gov spells them; the model reads drugs alone. */
const TYPES = [
  "DRUG",
  "BIOLOGICAL",
  "COMBINATION_PRODUCT",
  "DIETARY_SUPPLEMENT",
  "GENETIC",
  "DEVICE",
  "PROCEDURE",
  "RADIATION",
  "BEHAVIORAL",
  "DIAGNOSTIC_TEST",
  "OTHER",
];
const typeName = (type: string) => capital(type.toLowerCase().replaceAll("_", " "));

/** Everything of a trial that its planners know, each field with what is wrong with it below. */
export function DraftForm({ api, draft, change, problems }: FormProps) {
  const id = useId();
  const set = (fields: Partial<FormDraft>) => change({ ...draft, ...fields });
  const ofTitle = [...problemsOf(problems, "title"), ...problemsOf(problems, "nctId")];
  return (
    <div class="fields">
      <div class="field">
        <label for={`${id}-title`}>Title</label>
        <input
          id={`${id}-title`}
          type="text"
          maxLength={300}
          value={draft.title}
          aria-describedby={`${id}-title-hint ${id}-title-p`}
          aria-invalid={ofTitle.length > 0 || undefined}
          onInput={(event) => set({ title: event.currentTarget.value })}
        />
        <p class="hint" id={`${id}-title-hint`}>
          For you; the model never sees it.
          {draft.nctId !== "" && (
            <>
              {" "}
              Registered as {draft.nctId}: by this number alone it is known whether the model was
              made with it. If what you write is another trial,{" "}
              <button type="button" class="link" onClick={() => set({ nctId: "" })}>
                Remove the number
              </button>
            </>
          )}
        </p>
        <Problems id={`${id}-title-p`} of={ofTitle} />
      </div>
      <div class="field">
        <label for={`${id}-phase`}>Phase</label>
        <select
          id={`${id}-phase`}
          name="phase"
          value={draft.phase}
          onChange={(event) => set({ phase: event.currentTarget.value as Phase })}
        >
          {PHASES.map((phase) => (
            <option key={phase} value={phase}>
              {capital(phaseName(phase))}
            </option>
          ))}
        </select>
        <Problems id={`${id}-phase-p`} of={problemsOf(problems, "phase")} />
      </div>
      <Conditions api={api} draft={draft} set={set} problems={problemsOf(problems, "conditions")} />
      <Interventions
        api={api}
        draft={draft}
        set={set}
        problems={problemsOf(problems, "interventions")}
      />
      <Criteria draft={draft} set={set} problems={problemsOf(problems, "eligibilityCriteria")} />
    </div>
  );
}

interface PartProps {
  readonly draft: FormDraft;
  readonly set: (fields: Partial<FormDraft>) => void;
  readonly problems: readonly FieldProblem[];
}

function Conditions({ api, draft, set, problems }: PartProps & { readonly api: Api }) {
  const id = useId();
  const [codes, setCodes] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const { conditions } = draft;
  return (
    <div class="field">
      <Combobox
        label="Conditions"
        hint="As many as the trial studies. Suggestions have their ICD-10 codes."
        suggest={(text, signal) => api.suggestConditions(text, SUGGESTIONS, signal)}
        nameOf={({ name }) => name}
        show={(suggestion) => (
          <>
            {suggestion.name} <small>{suggestion.codes.join(", ")}</small>
          </>
        )}
        add={(name, suggestion) => {
          if (suggestion !== undefined) setCodes(new Map(codes).set(name, suggestion.codes));
          set({ conditions: [...conditions, name] });
        }}
        picked={conditions}
        describedBy={problems.length > 0 ? id : undefined}
        isInvalid={problems.length > 0}
      />
      <Problems id={id} of={problems} names={conditions} />
      {conditions.length > 0 && (
        <ul class="picked" aria-label="Conditions of the trial">
          {conditions.map((name, i) => (
            <li key={name}>
              <span>
                {name} <small>{codes.get(name)?.join(", ")}</small>
              </span>
              <Remove what={name} act={() => set({ conditions: conditions.toSpliced(i, 1) })} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Interventions({ api, draft, set, problems }: PartProps & { readonly api: Api }) {
  const id = useId();
  const [drawn, setDrawn] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const { interventions } = draft;
  return (
    <div class="field">
      <Combobox
        label="Drugs and other interventions"
        hint="Placebos and devices may be named, too; the model reads the drugs."
        suggest={(text, signal) => api.suggestDrugs(text, SUGGESTIONS, signal)}
        nameOf={({ name }) => name}
        show={({ name }) => name}
        add={(name, suggestion) => {
          if (suggestion !== undefined) setDrawn(new Map(drawn).set(name, suggestion.smiles));
          set({ interventions: [...interventions, { type: "DRUG", name, otherNames: [] }] });
        }}
        picked={interventions.map(({ name }) => name)}
        describedBy={problems.length > 0 ? id : undefined}
        isInvalid={problems.length > 0}
      />
      <Problems id={id} of={problems} names={interventions.map(({ name }) => name)} />
      {interventions.length > 0 && (
        <ul class="picked" aria-label="Interventions of the trial">
          {interventions.map((one, i) => (
            <li key={`${one.name} ${i}`}>
              {drawn.get(one.name)?.map((smiles) => (
                <Structure key={smiles} api={api} smiles={smiles} name={one.name} />
              ))}
              <span>
                {one.name}
                {one.otherNames.length > 0 && <small> {one.otherNames.join(", ")}</small>}
              </span>
              <select
                aria-label={`Type of ${one.name}`}
                value={one.type}
                onChange={({ currentTarget: { value: type } }) =>
                  set({ interventions: interventions.with(i, { ...one, type }) })
                }
              >
                {[...new Set([...TYPES, one.type])].map((type) => (
                  <option key={type} value={type}>
                    {typeName(type)}
                  </option>
                ))}
              </select>
              <Remove
                what={one.name}
                act={() => set({ interventions: interventions.toSpliced(i, 1) })}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Criteria({ draft, set, problems }: PartProps) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const text = draft.eligibilityCriteria;
  useEffect(() => {
    const area = field.current!;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [text]);
  const turns = text.match(TURNING)?.length ?? 0;
  const words = text.match(/\S+/g)?.length ?? 0;
  return (
    <div class="field">
      <label for={id}>Eligibility criteria</label>
      <textarea
        id={id}
        ref={field}
        name="criteria"
        rows={10}
        spellcheck={false}
        dir="auto"
        value={text}
        placeholder={"Inclusion Criteria:\n\n- …\n\nExclusion Criteria:\n\n- …"}
        aria-describedby={`${id}-count ${id}-p`}
        aria-invalid={problems.length > 0 || undefined}
        onInput={(event) => set({ eligibilityCriteria: event.currentTarget.value })}
      />
      <p class="hint" id={`${id}-count`}>
        {plural(words, "word")}, {count(text.length)} of at most 100,000 characters
        {turns > 0 &&
          `; ${plural(turns, "invisible mark turns", "invisible marks turn")} the text around, such as ${visible(text.match(TURNING)![0])}`}
      </p>
      <Problems id={`${id}-p`} of={problems} />
    </div>
  );
}

/** Takes something out of a list; the focus goes on to the next thing that can be taken out, or to the field. */
function Remove({ what, act }: { what: string; act: () => void }) {
  return (
    <button
      type="button"
      class="quiet remove"
      aria-label={`Remove ${what}`}
      onClick={({ currentTarget }) => {
        const field = currentTarget.closest(".field")!;
        const place = [...field.querySelectorAll(".remove")].indexOf(currentTarget);
        act();
        requestAnimationFrame(() => {
          const rest = field.querySelectorAll<HTMLElement>(".remove");
          (rest[place] ?? rest[place - 1] ?? field.querySelector("input"))?.focus();
        });
      }}
    >
      <span aria-hidden="true">×</span>
    </button>
  );
}

/** What is wrong with a field; of a list, with which of its names. */
export function Problems({
  id,
  of,
  names,
}: {
  id: string;
  of: readonly FieldProblem[];
  names?: readonly string[];
}) {
  return (
    <div id={id} class="problems">
      {of.map((problem) => {
        const name = names?.[placeOf(problem) ?? -1];
        return (
          <p key={problem.field + problem.message}>
            {name !== undefined && <b>{name}: </b>}
            {problem.message}
          </p>
        );
      })}
    </div>
  );
}
