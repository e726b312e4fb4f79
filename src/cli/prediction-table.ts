import Table from "cli-table3";
import type { Prediction } from "../serving/index.js";

const HEAD = [
  "trial",
  "phase",
  "P(success)",
  "90 % interval",
  "strongest reasons (percentage points)",
];
const LEAST_WIDTH = 30;

const percent = (share: number) => `${Math.round(100 * share)} %`;

/**
 * Predictions for the terminal, one row a trial, wrapped to its width: the strongest reasons with
 * what each adds to P(success), and what the model could not see.
 */
export function predictionTable(
  predictions: readonly Prediction[],
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  const rows = predictions.map(({ nctId, phase, probability, interval: [low, high], ...rest }) => [
    nctId,
    phase,
    percent(probability),
    `${Math.round(100 * low)} – ${percent(high)}`,
    remarks(rest),
  ]);
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

function remarks({ reasons, missing }: Pick<Prediction, "reasons" | "missing">): string {
  const signed = (effect: number) => `${effect < 0 ? "−" : "+"}${Math.abs(effect).toFixed(1)}`;
  return [...reasons.map(({ text, effect }) => `${signed(effect)} ${text}`), ...missing].join("\n");
}
