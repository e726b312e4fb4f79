import { useId, useMemo, useState } from "preact/hooks";
import type { Explanation, Prediction } from "../../serving/answer.js";
import { Waiting } from "../answer/answer-view.js";
import { UsedIn } from "../answer/headline.js";
import { strongest, written } from "../answer/pulls.js";
import type { Api } from "../api.js";
import { type Asked, useAsked } from "../ask.js";
import { Chart } from "../chart/chart.js";
import {
  type ProbabilityRow,
  probabilityChart,
  probabilityHeight,
  probabilityTable,
} from "../chart/probability.js";
import { askedOf, type FormDraft, formOf, inputOf, isBlank, nameOf } from "../draft/form-draft.js";
import { LookUpForm } from "../draft/look-up-form.js";
import { draftFrom } from "../draft/start-from.js";
import { Failure } from "../failure.js";
import { rowName } from "../history/history-view.js";
import {
  baseRateName,
  capital,
  dateTime,
  drugName,
  percent,
  phaseName,
  points,
  rateOf,
  visible,
} from "../words.js";
import { align, isSame, type StatementPair, wordsBeside } from "./statements.js";

/** Two drafts; what is not chosen yet is missing. */
export type Sides = readonly [FormDraft | undefined, FormDraft | undefined];

interface CompareProps {
  readonly api: Api;
  /** The draft in the form. */
  readonly current: FormDraft;
  readonly sides: Sides;
  readonly choose: (sides: Sides) => void;
  readonly edit: (draft: FormDraft) => void;
}

/** Two drafts side by side. Neither is kept in the history. */
export function Compare({ api, current, sides, choose, edit }: CompareProps) {
  const [left, right] = sides;
  const a = useSide(api, left);
  const b = useSide(api, right);
  return (
    <div class="compare">
      <h1 tabIndex={-1}>Compare two drafts</h1>
      <div class="pair">
        {([0, 1] as const).map((place) => (
          <Side
            key={place}
            api={api}
            letter={place === 0 ? "A" : "B"}
            current={current}
            draft={sides[place]}
            asked={(place === 0 ? a : b).answer}
            beside={besideOf(sides[1 - place], (place === 0 ? b : a).answer.value)}
            choose={(draft) => choose(place === 0 ? [draft, right] : [left, draft])}
            edit={edit}
          />
        ))}
      </div>
      {a.answer.value !== undefined && b.answer.value !== undefined && (
        <>
          <Difference
            a={a.answer.value}
            b={b.answer.value}
            names={sides.map((draft) => (draft === undefined ? "" : nameOf(draft)))}
          />
          <Statements a={a.answer.value} b={b.answer.value} />
          <section aria-labelledby="pulls-of-each">
            <h2 id="pulls-of-each">What pulls each</h2>
            <div class="pair">
              <PullsOf letter="A" asked={a.explanation} />
              <PullsOf letter="B" asked={b.explanation} />
            </div>
          </section>
        </>
      )}
    </div>
  );
}

const besideOf = (draft: FormDraft | undefined, prediction: Prediction | undefined) =>
  draft && prediction && { draft, prediction };

function useSide(api: Api, draft: FormDraft | undefined) {
  const asks = draft !== undefined && !isBlank(draft);
  const keys = [api, draft && askedOf(draft)];
  const answer = useAsked(
    asks
      ? async (signal) => (await api.predict(inputOf(draft), { keep: false, signal })).prediction
      : undefined,
    keys,
  );
  const explanation = useAsked(
    asks ? (signal) => api.explain(inputOf(draft), signal) : undefined,
    keys,
  );
  return { answer, explanation };
}

interface SideProps {
  readonly api: Api;
  readonly letter: string;
  readonly current: FormDraft;
  readonly draft: FormDraft | undefined;
  readonly asked: Asked<Prediction>;
  /** The other draft, when its answer is there. */
  readonly beside: { draft: FormDraft; prediction: Prediction } | undefined;
  readonly choose: (draft: FormDraft | undefined) => void;
  readonly edit: (draft: FormDraft) => void;
}

function Side({ api, letter, current, draft, asked, beside, choose, edit }: SideProps) {
  const prediction = draft === undefined ? undefined : asked.value;
  return (
    <section class="side" aria-label={`Draft ${letter}`}>
      <h2>
        <span class="letter">{letter}</span>{" "}
        {draft === undefined ? "Choose a draft" : nameOf(draft)}
      </h2>
      {draft === undefined ? (
        <Chooser api={api} letter={letter} current={current} choose={choose} />
      ) : (
        <>
          {asked.isBusy && <Waiting what="Predicting" />}
          {asked.error !== undefined && <Failure error={asked.error} again={asked.again} />}
          {prediction !== undefined && (
            <>
              <p class="figure" aria-busy={asked.isBusy}>
                <span class="big">{percent(prediction.probability)}</span>
                <span class="beside">
                  90 % interval
                  <br />
                  {percent(prediction.interval[0])} to {percent(prediction.interval[1])}
                </span>
              </p>
              <dl class="facts">
                {factsOf(draft, prediction).map(({ name, values }, i) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>
                      <Values
                        values={values}
                        others={beside && factsOf(beside.draft, beside.prediction)[i]!.values}
                        only={`only-${letter.toLowerCase()}`}
                      />
                    </dd>
                  </div>
                ))}
              </dl>
              <UsedIn prediction={prediction} />
            </>
          )}
          <div class="row">
            <button type="button" class="quiet" onClick={() => edit(draft)}>
              Edit in Predict
            </button>
            <button type="button" class="quiet" onClick={() => choose(undefined)}>
              Choose another
            </button>
          </div>
        </>
      )}
    </section>
  );
}

/** What stands beside the figure of each: phase, drugs, conditions. */
const factsOf = ({ conditions }: FormDraft, { phase, molecules }: Prediction) => [
  { name: "Phase", values: [capital(phaseName(phase))] },
  { name: "Drugs", values: molecules.map(({ name }) => drugName(visible(name))) },
  { name: "Conditions", values: conditions.map(visible) },
];

interface ValuesProps {
  readonly values: readonly string[];
  /** Those of the other draft; what it has not is marked. */
  readonly others: readonly string[] | undefined;
  readonly only: string;
}

function Values({ values, others, only }: ValuesProps) {
  if (values.length === 0) return <>none</>;
  const known = others && new Set(others.map((one) => one.toLowerCase()));
  return values.map((value, i) => (
    <span key={`${value} ${i}`}>
      {i > 0 && ", "}
      {known?.has(value.toLowerCase()) === false ? (
        <mark class={only}>{value}</mark>
      ) : (
        <bdi>{value}</bdi>
      )}
    </span>
  ));
}

interface ChooserProps {
  readonly api: Api;
  readonly letter: string;
  readonly current: FormDraft;
  readonly choose: (draft: FormDraft) => void;
}

/** Where a draft comes from: the form, the history, a number, a record. */
function Chooser({ api, letter, current, choose }: ChooserProps) {
  const id = useId();
  const [error, setError] = useState<unknown>();
  const { history, lookUp } = api;
  const past = useAsked(history && ((signal) => history.search({}, signal)), [history]);
  const take = async (find: () => Promise<FormDraft>) => {
    setError(undefined);
    try {
      choose(await find());
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div class="chooser">
      <button
        type="button"
        class="quiet"
        disabled={isBlank(current)}
        onClick={() => choose(current)}
      >
        The draft in the form{isBlank(current) ? " (still empty)" : `: ${nameOf(current)}`}
      </button>
      {history !== undefined && past.value !== undefined && past.value.predictions.length > 0 && (
        <div class="field">
          <label for={`${id}-past`}>From the history</label>
          <select
            id={`${id}-past`}
            value=""
            onChange={({ currentTarget: { value } }) =>
              take(async () => formOf((await history.get(value)).draft))
            }
          >
            <option value="">Choose …</option>
            {past.value.predictions.map((row) => (
              <option key={row.id} value={row.id}>
                {rowName(row)}, {percent(row.probability)}, {dateTime(row.createdAt)}
              </option>
            ))}
          </select>
        </div>
      )}
      {lookUp !== undefined && (
        <LookUpForm
          label={`NCT number of ${letter}`}
          lookUp={(nctId) => take(async () => formOf((await lookUp(nctId)).draft))}
        />
      )}
      <label class="button quiet file">
        Open a record as {letter}
        <input
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget: { files } }) => {
            const file = files?.[0];
            if (file !== undefined) take(async () => draftFrom(api, await file.text()));
          }}
        />
      </label>
      {error !== undefined && <Failure error={error} />}
    </div>
  );
}

interface DifferenceProps {
  readonly a: Prediction;
  readonly b: Prediction;
  /** What the two are called. */
  readonly names: readonly string[];
}

function Difference({ a, b, names }: DifferenceProps) {
  const rows = useMemo<ProbabilityRow[]>(
    () => [
      ...[a, b].map(({ probability, interval }, i) => {
        const short = "AB"[i]!;
        return {
          ...{ name: `${short}: ${names[i]}`, short },
          ...{ value: probability, interval, isMain: true },
        };
      }),
      ...[...new Map([a, b].map((one) => [one.phase, one.baseRate]))].flatMap(
        ([phase, baseRate]) =>
          baseRate === null
            ? []
            : [{ name: baseRateName(phase), value: rateOf(baseRate), isMain: false }],
      ),
    ],
    [a, b, ...names],
  );
  const option = useMemo(() => probabilityChart(rows), [rows]);
  const difference = 100 * (b.probability - a.probability);
  const overlap = a.interval[0] <= b.interval[1] && b.interval[0] <= a.interval[1];
  return (
    <section aria-labelledby="difference">
      <h2 id="difference">Difference</h2>
      <p role="status">
        {Math.abs(difference) < 0.05 ? (
          "Both are rated the same."
        ) : (
          <>
            B is rated{" "}
            <b>
              {Math.abs(difference).toFixed(1)} points {difference > 0 ? "higher" : "lower"}
            </b>{" "}
            than A.
          </>
        )}{" "}
        {overlap
          ? "Their intervals overlap: that one is better than the other must not be concluded."
          : "Their intervals do not overlap."}
        {a.phase !== b.phase && " The phases differ, so base rates do, too."}
      </p>
      <Chart
        label={rows.map(({ name, value }) => `${name}: ${percent(value)}`).join("; ")}
        option={option}
        height={probabilityHeight(rows.length)}
        table={probabilityTable(rows)}
      />
    </section>
  );
}

function Statements({ a, b }: { a: Prediction; b: Prediction }) {
  const kinds = ["inclusion", "exclusion"] as const;
  const pairs = kinds.map((kind) => align(a.reading[kind], b.reading[kind]));
  const all = pairs.flat();
  const same = all.filter(isSame).length;
  return (
    <section aria-labelledby="statements">
      <h2 id="statements">Criteria</h2>
      <p class="note">
        {same === all.length
          ? "All statements are the same."
          : `${same} of ${all.length} statements are the same; what differs is marked.`}
      </p>
      {kinds.map((kind, k) => {
        const different = pairs[k]!.filter((pair) => !isSame(pair));
        return (
          different.length > 0 && (
            <div key={kind} class="diff">
              <h3>{capital(kind)}</h3>
              {different.map((pair, i) => (
                <div class="pair" key={i}>
                  <DiffText letter="A" text={pair.left} other={pair.right} />
                  <DiffText letter="B" text={pair.right} other={pair.left} />
                </div>
              ))}
              <Same pairs={pairs[k]!.filter(isSame)} />
            </div>
          )
        );
      })}
    </section>
  );
}

function DiffText({
  letter,
  text,
  other,
}: {
  letter: string;
  text: string | undefined;
  other: string | undefined;
}) {
  if (text === undefined)
    return (
      <p class="soft">
        <span class="unseen">{letter}: </span>not there
      </p>
    );
  const only = `only-${letter.toLowerCase()}`;
  return (
    <p>
      <span class="unseen">{letter}: </span>
      <bdi>
        {other === undefined ? (
          <mark class={only}>{visible(text)}</mark>
        ) : (
          wordsBeside(visible(text), visible(other)).map(({ text: words, isShared }, i) => (
            <span key={i}>{isShared ? words : <mark class={only}>{words}</mark>} </span>
          ))
        )}
      </bdi>
    </p>
  );
}

function Same({ pairs }: { pairs: readonly StatementPair[] }) {
  if (pairs.length === 0) return null;
  return (
    <details>
      <summary>{pairs.length} the same</summary>
      <ul>
        {pairs.map(({ left }, i) => (
          <li key={i}>
            <bdi>{visible(left ?? "")}</bdi>
          </li>
        ))}
      </ul>
    </details>
  );
}

function PullsOf({ letter, asked }: { letter: string; asked: Asked<Explanation> }) {
  return (
    <div>
      <h3>{letter}</h3>
      {asked.isBusy && <Waiting what="Leaving out one thing after the other" />}
      {asked.error !== undefined && <Failure error={asked.error} again={asked.again} />}
      {asked.value !== undefined && (
        <ul class="effects-list">
          {strongest(written(asked.value.attributions)).map(({ text, effect }, i) => (
            <li key={i}>
              <span class={`effect ${effect > 0 ? "up" : "down"}`}>
                {effect > 0 ? "▲" : "▼"} {points(effect)}
              </span>{" "}
              <bdi>{text}</bdi>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
