import Table from "cli-table3";
import type { Attribution, Explanation } from "../serving/index.js";

const HEAD = [
  "trial",
  "phase",
  "P(success)",
  "90 % interval",
  "strongest reasons (percentage points)",
];
const LEAST_WIDTH = 30;
/** Reasons shown at most. */
const STRONGEST = 3;

const percent = (share: number) => `${Math.round(100 * share)} %`;

/**
 * Predictions for the terminal, one row a trial, wrapped to its width: the strongest reasons with
 * what each adds to P(success), and what the model could not see.
 */
export function predictionTable(
  explanations: readonly Explanation[],
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  const rows = explanations.map(({ prediction, attributions }) => {
    const { nctId, phase, probability, interval, missing } = prediction;
    const [low, high] = interval;
    const bounds = `${Math.round(100 * low)} – ${percent(high)}`;
    const remarks = [...strongest(attributions).map(inWords), ...missing].join("\n");
    return [nctId, phase, percent(probability), bounds, remarks];
  });
  const narrow = HEAD.slice(0, -1).map((head, column) => {
    const texts = [head, ...rows.map((row) => row[column]!)];
    return Math.max(...texts.map((text) => text.length)) + 2;
  });
  const taken = narrow.reduce((sum, each) => sum + each + 1, 2);
  const table = new Table({
    head: HEAD,
    colWidths: [...narrow, Math.max(LEAST_WIDTH, width - taken)],
    wordWrap: true,
    style: colour ? { head: ["bold"], border: ["grey"] } : { head: [], border: [] },
  });
  table.push(...rows);
  return table.toString();
}

/** The strongest first. */
const strongest = (attributions: readonly Attribution[]): Attribution[] =>
  attributions.toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, STRONGEST);

function inWords({ kind, text, effect }: Attribution): string {
  const signed = `${effect < 0 ? "−" : "+"}${Math.abs(effect).toFixed(1)}`;
  const what = kind === "drug" || kind === "disease" ? `${kind}: ${text}` : text;
  return `${signed} ${what.replaceAll("\n", "; ")}`;
}
