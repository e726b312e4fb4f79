import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { HistoryRow } from "../../history/answer.js";
import { PHASES } from "../../trial/record.js";
import { Waiting } from "../answer/answer-view.js";
import type { HistoryApi, HistoryFilter } from "../api.js";
import { useAsked } from "../ask.js";
import { Failure } from "../failure.js";
import { Parts } from "../parts.js";
import { capital, dateTime, hundred, percent, phaseName, plural, visible } from "../words.js";
import { PerformanceView } from "./performance-view.js";

interface HistoryProps {
  readonly history: HistoryApi;
  /** Shows a kept prediction again. */
  readonly open: (id: string) => Promise<void>;
}

/** Milliseconds without a key before the search follows. */
const PAUSE = 250;

/** Past predictions: to find, to open again, to label, to delete; and how they did. */
export function HistoryView({ history, open }: HistoryProps) {
  const id = useId();
  const [filter, setFilter] = useState<HistoryFilter>({});
  const [more, setMore] = useState<{ rows: readonly HistoryRow[]; next: string | null }>();
  const [changes, setChanges] = useState(0);
  const [error, setError] = useState<unknown>();
  const found = useAsked(
    async (signal) => {
      const page = await history.search(filter, signal);
      setMore(undefined);
      return page;
    },
    [history, filter, changes],
    PAUSE,
  );
  const rows = [...(found.value?.predictions ?? []), ...(more?.rows ?? [])];
  const next = more === undefined ? found.value?.next : more.next;
  const repeats = repeatsOf(rows);
  const set = (fields: HistoryFilter) => setFilter({ ...filter, ...fields });
  const act = async (action: () => Promise<unknown>) => {
    setError(undefined);
    try {
      await action();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div class="history">
      <h1 tabIndex={-1}>History</h1>
      <search>
        <form class="filter" onSubmit={(event) => event.preventDefault()}>
          <div class="field wide">
            <label for={`${id}-q`}>Search</label>
            <input
              id={`${id}-q`}
              type="search"
              placeholder="Title, NCT number, condition, drug, criteria"
              value={filter.q ?? ""}
              maxLength={200}
              onInput={({ currentTarget }) => set({ q: currentTarget.value.trim() })}
            />
          </div>
          <div class="field">
            <label for={`${id}-phase`}>Phase</label>
            <select
              id={`${id}-phase`}
              value={filter.phase ?? ""}
              onChange={({ currentTarget }) => set({ phase: currentTarget.value })}
            >
              <option value="">All</option>
              {PHASES.map((phase) => (
                <option key={phase} value={phase}>
                  {capital(phaseName(phase))}
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for={`${id}-label`}>Outcome</label>
            <select
              id={`${id}-label`}
              value={filter.label ?? ""}
              onChange={({ currentTarget }) => set({ label: currentTarget.value })}
            >
              <option value="">All</option>
              <option value="none">Not known</option>
              <option value="1">Succeeded</option>
              <option value="0">Did not</option>
            </select>
          </div>
          <div class="field">
            <label for={`${id}-since`}>Since</label>
            <input
              id={`${id}-since`}
              type="date"
              onChange={({ currentTarget: { value } }) =>
                set({ since: value === "" ? "" : new Date(`${value}T00:00`).toISOString() })
              }
            />
          </div>
        </form>
      </search>
      <PerformanceView history={history} changes={changes} />
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {error !== undefined && <Failure error={error} />}
      {found.isBusy && found.value === undefined && <Waiting what="Looking" />}
      <p class="unseen" role="status">
        {found.isBusy || found.value === undefined
          ? ""
          : next === null
            ? plural(rows.length, "prediction")
            : `${rows.length} or more predictions`}
      </p>
      {found.value !== undefined && rows.length === 0 && (
        <p class="soft">
          {Object.values(filter).some(Boolean)
            ? "No prediction fits."
            : "Nothing is kept yet. What is asked on Predict comes here."}
        </p>
      )}
      <ol class="rows" aria-busy={found.isBusy}>
        {rows.map((row, i) => (
          <Row
            key={row.id}
            row={row}
            repeat={repeats[i]}
            mayChange={history.mayChange}
            open={() => act(() => open(row.id))}
            label={(label, note) =>
              act(async () => {
                await history.setLabel(row.id, label, note);
                setChanges(changes + 1);
              })
            }
            remove={() =>
              act(async () => {
                await history.remove(row.id);
                setChanges(changes + 1);
              })
            }
          />
        ))}
      </ol>
      {next !== null && next !== undefined && (
        <button
          type="button"
          class="quiet more"
          onClick={() =>
            act(async () => {
              const page = await history.search({ ...filter, cursor: next });
              setMore({ rows: [...(more?.rows ?? []), ...page.predictions], next: page.next });
            })
          }
        >
          Show more
        </button>
      )}
    </div>
  );
}

export const rowName = ({ title, nctId, drugs, conditions }: HistoryRow): string =>
  visible(
    title ??
      (nctId ||
        [drugs.join(" + "), conditions.join(", ")].filter(Boolean).join(" in ") ||
        "Untitled draft"),
  );

/** Of each row which of the listed predictions of its trial it is, in their order in time; undefined if it is the only one. */
function repeatsOf(rows: readonly HistoryRow[]): (string | undefined)[] {
  const trialOf = (row: HistoryRow) => row.nctId || rowName(row);
  return rows.map((row) => {
    const same = rows.filter((other) => trialOf(other) === trialOf(row));
    const place = same.length - same.indexOf(row);
    return same.length === 1 ? undefined : `${place} of ${same.length} predictions of this trial`;
  });
}

interface RowProps {
  readonly row: HistoryRow;
  readonly repeat: string | undefined;
  readonly mayChange: boolean;
  readonly open: () => void;
  readonly label: (label: 0 | 1 | null, note: string) => void;
  readonly remove: () => void;
}

function Row({ row, repeat, mayChange, open, label, remove }: RowProps) {
  const name = rowName(row);
  const [isAsking, setAsking] = useState(false);
  return (
    <li>
      <p class="figure">
        <b>{percent(row.probability)}</b>
        <small>
          {hundred(row.interval[0])}–{hundred(row.interval[1])} %
        </small>
      </p>
      <div class="what">
        <p class="name">
          <button type="button" class="link" onClick={open}>
            {name}
          </button>
        </p>
        <p class="soft">
          <Parts>
            {row.label !== null && (
              <span class={`nowrap outcome ${row.label === 1 ? "good" : ""}`}>
                {row.label === 1 ? "✓ Succeeded" : "✗ Did not succeed"}
              </span>
            )}
            <span class="nowrap">{capital(phaseName(row.phase))}</span>
            {row.nctId !== "" && <span class="nowrap">{row.nctId}</span>}
            <span class="nowrap">{dateTime(row.createdAt)}</span>
            <span class="nowrap">
              {row.model.name} <code>{row.model.sha256.slice(0, 8)}</code>
            </span>
            {row.usedIn !== null && row.usedIn.length > 0 && <span>model made with it</span>}
            {repeat !== undefined && <span class="nowrap repeat">{repeat}</span>}
            {row.note !== null && row.note !== "" && <bdi>{visible(row.note)}</bdi>}
          </Parts>
        </p>
      </div>
      {mayChange && (
        <div class="row">
          <Label row={row} name={name} label={label} />
          <button
            type="button"
            class="quiet"
            aria-label={`Delete ${name}`}
            onClick={() => setAsking(true)}
          >
            Delete
          </button>
        </div>
      )}
      {isAsking && (
        <Confirm
          question={`Delete the prediction of “${name}” for good?`}
          close={(isSure) => {
            setAsking(false);
            if (isSure) remove();
          }}
        />
      )}
    </li>
  );
}

function Label({ row, name, label }: Pick<RowProps, "row" | "label"> & { name: string }) {
  const id = useId();
  const box = useRef<HTMLDetailsElement>(null);
  const [choice, setChoice] = useState(row.label === null ? "" : String(row.label));
  const [note, setNote] = useState(row.note ?? "");
  return (
    <details ref={box} class="labelling">
      <summary>
        {row.label === null ? "Add the outcome" : "Change the outcome"}
        <span class="unseen"> of {name}</span>
      </summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          box.current!.open = false;
          label(choice === "" ? null : choice === "1" ? 1 : 0, note.trim());
        }}
      >
        <fieldset>
          <legend>What became of the trial</legend>
          {[
            ["1", "It succeeded"],
            ["0", "It did not"],
            ["", "Not known"],
          ].map(([value, words]) => (
            <label key={value} class="check">
              <input
                type="radio"
                name={`${id}-label`}
                checked={choice === value}
                onChange={() => setChoice(value!)}
              />
              {words}
            </label>
          ))}
        </fieldset>
        <div class="field">
          <label for={`${id}-note`}>Note</label>
          <input
            id={`${id}-note`}
            type="text"
            maxLength={2000}
            placeholder="e.g. where it is published"
            value={note}
            onInput={({ currentTarget }) => setNote(currentTarget.value)}
          />
        </div>
        <button type="submit" class="quiet">
          Save
        </button>
      </form>
    </details>
  );
}

/** Asks before something that cannot be undone. */
function Confirm({ question, close }: { question: string; close: (isSure: boolean) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const safe = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    safe.current?.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={() => close(dialog.current?.returnValue === "yes")}
    >
      <form method="dialog">
        <p id={id}>{question}</p>
        <div class="row">
          <button type="submit" class="quiet" value="no" ref={safe}>
            Keep it
          </button>
          <button type="submit" class="danger" value="yes">
            Delete
          </button>
        </div>
      </form>
    </dialog>
  );
}
