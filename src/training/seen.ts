import { join } from "node:path";
import { writeWhole } from "../base/file.js";
import { readUnaltered } from "../model/model-file.js";
import { nctIdOf } from "../trial/nct-id.js";

/** NCT ids of the trials that a fine-tuned model has seen, by what for. */
export interface SeenTrials {
  /** Empty without a base. */
  readonly pretraining: readonly string[];
  readonly training: readonly string[];
  /** For stopping, threshold and temperature. */
  readonly validation: readonly string[];
}

/** In a model's folder. */
export const SEEN_FILE = "trials.json";

/** Lists the trials beside the model's card, a purpose a line, and returns the file's text. */
export function writeSeen(
  folder: string,
  { pretraining, training, validation }: SeenTrials,
): string {
  const lines = Object.entries({ pretraining, training, validation }).map(
    ([purpose, ids]) => `  "${purpose}": ${JSON.stringify(ids)}`,
  );
  const text = `{\n${lines.join(",\n")}\n}\n`;
  writeWhole(join(folder, SEEN_FILE), text);
  return text;
}

/**
 * Reads what {@link writeSeen} wrote.
 * @param expected its SHA-256, as the model's card has it
 * @throws InputError if it is missing or altered
 */
export function readSeen(folder: string, expected: string): SeenTrials {
  const text = new TextDecoder().decode(readUnaltered(join(folder, SEEN_FILE), expected));
  const { pretraining, training, validation } = JSON.parse(text) as SeenTrials;
  return {
    pretraining: pretraining.map(nctIdOf),
    training: training.map(nctIdOf),
    validation: validation.map(nctIdOf),
  };
}
