import {
  compileBySize,
  type Graph,
  type Neighbours,
  type Numbers,
  type Processor,
  type Session,
  type Tensor,
} from "../graph/index.js";
import { PHASES } from "../trial/record.js";
import {
  DISEASE_TOKENS,
  type DiseaseTable,
  MOLECULE_WIDTH,
  MOLECULES,
  type TrialFeatures,
  tableRows,
} from "./features.js";
import type { Parameters } from "./parameters.js";
import { PADDING, type Places } from "./tokens.js";

/** The drugs and diseases of a batch of trials as the drug-molecule branch reads them. */
export interface MoleculeInputs {
  /** [M, fingerprint bits and descriptors], of all trials one after the other. */
  readonly molecules: Tensor;
  /** int32 [S] rows of the disease table, of all trials one after the other. */
  readonly diseases: Tensor;
  /** int32 [B] */
  readonly phases: Tensor;
  /** Where [CLS] and phase of each trial, then the molecules and the diseases are in its sequence. */
  readonly places: Places;
  /** [B, 1, 1, L]: 0 where a token counts and very negative where none is. */
  readonly mask: Tensor;
}

/** How many molecules and disease tokens a batch has at most, and tokens a trial. */
export interface Room {
  readonly molecules: number;
  readonly diseases: number;
  readonly length: number;
}

/** [CLS] and phase. */
const FIRST = 2;

/** Batches in which small trials are met alone: of a few. */
const FEW = 8;

/**
 * The rooms that a model is built for: one that is enough for nearly every batch (trials of TOP have 1.5
 * molecules and 4.2 disease tokens in the mean, 26 at most), and one that holds the largest trials alone. For few
 * trials there is one before them that most need no more than.
 */
export const roomsOf = (batch: number): readonly Room[] => [
  ...(batch <= FEW ? [{ molecules: 2 + 2 * batch, diseases: 4 + 6 * batch, length: 16 }] : []),
  {
    molecules: Math.min(MOLECULES, 2 + Math.ceil(32 / batch)) * batch,
    diseases: Math.min(DISEASE_TOKENS, 6 + Math.ceil(64 / batch)) * batch,
    length: 32,
  },
  {
    molecules: MOLECULES * batch,
    diseases: DISEASE_TOKENS * batch,
    length: FIRST + MOLECULES + DISEASE_TOKENS,
  },
];

/** The input whose size tells a room from another. */
const ROOM_INPUT = "mask";

/** A model for each room, built when it is needed; a run takes that of its {@link moleculeFeeds}. */
export function compileRooms(
  batch: number,
  processor: Processor,
  build: (room: Room) => { readonly graph: Graph; readonly parameters: Parameters },
  neighbours?: Neighbours,
): { session: Session; parameters: Parameters } {
  const [usual, ...larger] = roomsOf(batch) as [Room, ...Room[]];
  const { graph, parameters } = build(usual);
  const builds = new Map([
    [maskSize(batch, usual), () => graph],
    ...larger.map((room) => [maskSize(batch, room), () => build(room).graph] as const),
  ]);
  return { session: compileBySize(ROOM_INPUT, builds, processor, neighbours), parameters };
}

/** Numbers of the input that tells rooms apart. */
const maskSize = (batch: number, { length }: Room): number => batch * length;

/** Declares the inputs that {@link moleculeFeeds} fills. */
export function moleculeInputs(graph: Graph, batch: number, room: Room): MoleculeInputs {
  const { molecules, diseases, length } = room;
  const tokens = FIRST * batch + molecules + diseases;
  return {
    molecules: graph.input("molecules", [molecules, MOLECULE_WIDTH]),
    diseases: graph.input("diseases", [diseases], "int32"),
    phases: graph.input("phases", [batch], "int32"),
    places: {
      batch,
      length,
      packing: {
        tokens: graph.input("tokens", [batch * length], "int32"),
        places: graph.input("places", [tokens], "int32"),
      },
    },
    mask: graph.input(ROOM_INPUT, [batch, 1, 1, length]),
  };
}

/**
 * The feeds of the branch's inputs for a batch of trials, in the first of its rooms that holds them;
 * missing rows of the last batch are empty.
 * @param room another one that holds them
 */
export function moleculeFeeds(
  table: DiseaseTable,
  trials: readonly TrialFeatures[],
  batch: number,
  room = roomFor(table, trials, batch),
): Record<"molecules" | "diseases" | "phases" | "tokens" | "places" | "mask", Numbers> {
  const known = trials.map((trial) => tableRows(table, trial));
  const { length } = room;
  const rows = FIRST * batch + room.molecules + room.diseases;
  const molecules = new Float32Array(room.molecules * MOLECULE_WIDTH);
  const diseases = new Int32Array(room.diseases);
  const phases = new Int32Array(batch);
  const mask = new Float32Array(batch * length).fill(PADDING);
  const tokens = new Int32Array(batch * length).fill(rows);
  const places = new Int32Array(rows).fill(batch * length);
  const place = (token: number, at: number) => {
    tokens[at] = token;
    places[token] = at;
    mask[at] = 0;
  };
  let [molecule, disease] = [0, 0];
  for (let trial = 0; trial < batch; trial++) {
    let at = trial * length;
    place(trial, at++); // a row without a trial has its class token alone
    const features = trials[trial];
    if (!features) continue;
    phases[trial] = PHASES.indexOf(features.phase);
    place(batch + trial, at++);
    for (const vector of features.vectors) {
      molecules.set(vector, molecule * MOLECULE_WIDTH);
      place(FIRST * batch + molecule++, at++);
    }
    for (const row of known[trial]!) {
      diseases[disease] = row;
      place(FIRST * batch + room.molecules + disease++, at++);
    }
  }
  return { molecules, diseases, phases, tokens, places, mask };
}

/** The first room that holds the trials. */
export function roomFor(
  table: DiseaseTable,
  trials: readonly TrialFeatures[],
  batch: number,
): Room {
  const known = trials.map((trial) => tableRows(table, trial));
  const molecules = trials.reduce((sum, { vectors }) => sum + vectors.length, 0);
  const diseases = known.reduce((sum, rows) => sum + rows.length, 0);
  const longest = trials.map(({ vectors }, i) => FIRST + vectors.length + known[i]!.length);
  const length = Math.max(0, ...longest);
  return roomsOf(batch).find(
    (room) => molecules <= room.molecules && diseases <= room.diseases && length <= room.length,
  )!;
}
