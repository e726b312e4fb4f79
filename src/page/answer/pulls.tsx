import { useMemo } from "preact/hooks";
import type { Attribution, Explanation } from "../../serving/answer.js";
import { Chart } from "../chart/chart.js";
import { pullsChart, pullsHeight } from "../chart/pulls.js";
import { drugName, plural, points, visible } from "../words.js";

/** Bars drawn; the text below has every statement. */
const STRONGEST = 10;
/** Effects below, in points, are not marked. */
const SLIGHT = 0.1;

/** What pulls the probability up or down: a chart of the strongest, then the criteria with every statement's effect. */
export function Pulls({ explanation }: { explanation: Explanation }) {
  const attributions = useMemo(() => written(explanation.attributions), [explanation]);
  const top = useMemo(() => strongest(attributions), [attributions]);
  const option = useMemo(() => pullsChart(top), [top]);
  const ofKind = (kind: Attribution["kind"]) => attributions.filter((one) => one.kind === kind);
  if (attributions.length === 0) return <p>There is nothing that could be left out.</p>;
  return (
    <>
      <p class="note">
        In percentage points: the probability with the thing minus the probability without it.
        Effects do not add up, and what pulls the model is not what makes a trial succeed.
      </p>
      {top.length > 0 && (
        <Chart
          label={`The strongest pulls, in percentage points. ${top
            .slice(0, 3)
            .map(({ text, effect }) => `${text}: ${points(effect)}`)
            .join("; ")}.`}
          option={option}
          height={pullsHeight(top.length)}
          table={{
            head: ["What", "Kind", "Points"],
            rows: top.map(({ text, kind, effect }) => [text, kind, points(effect)]),
          }}
        />
      )}
      {(["inclusion", "exclusion", "drug", "disease"] as const).map((kind) => {
        const all = ofKind(kind);
        return (
          all.length > 0 && (
            <div class="effects" key={kind}>
              <h4>{headings[kind]}</h4>
              <ul>
                {all.map(({ text, effect }, i) => (
                  <li key={i} class={classOf(effect)}>
                    <span class="effect">{effectOf(effect)}</span>
                    <bdi class="statement">{text}</bdi>
                  </li>
                ))}
              </ul>
            </div>
          )
        );
      })}
      <p class="note">
        <span class="effects-key up">▲ pulls up</span>{" "}
        <span class="effects-key down">▼ pulls down</span>, darker where the pull is stronger;{" "}
        {plural(attributions.length, "thing")} left out one by one.
      </p>
    </>
  );
}

const headings = {
  inclusion: "Inclusion criteria",
  exclusion: "Exclusion criteria",
  drug: "Drugs",
  disease: "Diseases",
} as const;

export const strongest = (attributions: readonly Attribution[]): Attribution[] =>
  attributions
    .filter(({ effect }) => Math.abs(effect) >= SLIGHT)
    .toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
    .slice(0, STRONGEST);

/** Attributions as they are written everywhere: drugs as names, and nothing that would turn a text around. */
export const written = (attributions: readonly Attribution[]): Attribution[] =>
  attributions.map((one) => {
    const text = visible(one.text);
    return { ...one, text: one.kind === "drug" ? drugName(text) : text };
  });

/** By direction and by strength in three steps. */
function classOf(effect: number): string {
  const size = Math.abs(effect);
  if (size < SLIGHT) return "none";
  return `${effect > 0 ? "up" : "down"} ${size >= 2 ? "strong" : size >= 0.5 ? "medium" : "weak"}`;
}

const effectOf = (effect: number): string =>
  Math.abs(effect) < SLIGHT ? points(effect) : `${effect > 0 ? "▲" : "▼"} ${points(effect)}`;
