import type { Graph, Numbers, Tensor } from "../../graph/index.js";
import {
  DISEASE_TOKENS,
  type DiseaseTable,
  MOLECULE_WIDTH,
  MOLECULES,
  tableRows,
} from "../../model/index.js";
import { type BaselineTrial, SEGMENTS } from "../baseline.js";

/** The modes of a trial and how many tokens each has at most. */
export const MODES = {
  molecules: MOLECULES,
  diseases: DISEASE_TOKENS,
  criteria: SEGMENTS,
} as const;
export type Mode = keyof typeof MODES;

export const modes = Object.keys(MODES) as readonly Mode[];

/** The tokens of a batch of trials. */
export interface ModeInputs {
  /** [B, M, fingerprint bits and descriptors] */
  readonly molecules: Tensor;
  /** int32 [B, S] rows of the disease table; 0 pads. */
  readonly diseases: Tensor;
  /** [B, C, D] hidden states */
  readonly criteria: Tensor;
  /** Of each mode [B, N]: 1 where a token is, 0 where none. */
  readonly present: Readonly<Record<Mode, Tensor>>;
}

/** Declares what {@link modeFeeds} fills. @param depth width D of the hidden states */
export function modeInputs(graph: Graph, batch: number, depth: number): ModeInputs {
  const present = (mode: Mode) => graph.input(`${mode}.present`, [batch, MODES[mode]]);
  return {
    molecules: graph.input("molecules", [batch, MOLECULES, MOLECULE_WIDTH]),
    diseases: graph.input("diseases", [batch, DISEASE_TOKENS], "int32"),
    criteria: graph.input("criteria", [batch, SEGMENTS, depth]),
    present: {
      molecules: present("molecules"),
      diseases: present("diseases"),
      criteria: present("criteria"),
    },
  };
}

/**
 * The feeds of a batch; missing rows of the last batch are empty. A mode without tokens, such as the
 * molecules of a trial of a device, has one empty token: attention needs something to attend to.
 */
export function modeFeeds(
  table: DiseaseTable,
  trials: readonly BaselineTrial[],
  batch: number,
  depth: number,
): Record<string, Numbers> {
  const molecules = new Float32Array(batch * MOLECULES * MOLECULE_WIDTH);
  const diseases = new Int32Array(batch * DISEASE_TOKENS);
  trials.forEach(({ features }, row) => {
    features.vectors.forEach((vector, i) => {
      molecules.set(vector, (row * MOLECULES + i) * MOLECULE_WIDTH);
    });
    diseases.set(tableRows(table, features), row * DISEASE_TOKENS);
  });
  standardise(molecules, MOLECULE_WIDTH);
  const criteria = new Float32Array(batch * SEGMENTS * depth);
  trials.forEach(({ segments }, row) => {
    segments.forEach((segment, i) => {
      criteria.set(segment, (row * SEGMENTS + i) * depth);
    });
  });
  standardise(criteria, depth);
  const present = (mode: Mode, tokens: (trial: BaselineTrial) => number) => {
    const flags = new Float32Array(batch * MODES[mode]);
    for (let row = 0; row < batch; row++) {
      const start = row * MODES[mode];
      const trial = trials[row];
      flags.fill(1, start, start + Math.max(1, trial ? tokens(trial) : 0));
    }
    return { [`${mode}.present`]: flags };
  };
  return {
    molecules,
    diseases,
    criteria,
    ...present("molecules", (trial) => trial.features.vectors.length),
    ...present("diseases", (trial) => tableRows(table, trial.features).length),
    ...present("criteria", (trial) => trial.segments.length),
  };
}

/** Makes the mean of each vector 0 and its standard deviation 1, in place; zeros remain. */
function standardise(vectors: Numbers, size: number): void {
  for (let start = 0; start < vectors.length; start += size) {
    const vector = vectors.subarray(start, start + size);
    let [sum, squares] = [0, 0];
    for (const value of vector) {
      sum += value;
      squares += value ** 2;
    }
    const mean = sum / size;
    const deviation = Math.sqrt(squares / size - mean ** 2);
    if (deviation > 0) for (let i = 0; i < size; i++) vector[i] = (vector[i]! - mean) / deviation;
  }
}
