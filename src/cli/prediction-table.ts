import Table from "cli-table3";
import type { Prediction } from "../serving/predictor.js";

const HEAD = ["trial", "phase", "P(success)", "90 % interval", "strongest reasons"];
const REASONS = 3;
const LEAST_WIDTH = 30;

const percent = (share: number) => `${Math.round(100 * share)} %`;

/**
 * Predictions for the terminal, one row a trial, wrapped to its width: the strongest reasons with
 * their change of P(success) in percentage points, and the drugs that could not be found.
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
  const lines = [...reasons]
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
    .slice(0, REASONS)
    .map(({ text, effect }) => `${effect < 0 ? "−" : "+"}${Math.abs(effect).toFixed(1)} ${text}`);
  if (missing.length > 0) lines.push(`not known as a drug: ${missing.join(", ")}`);
  return lines.join("\n");
}
