import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText, sha256, sha256File } from "../base/file.js";
import { parseAs } from "../base/json.js";
import { openSafetensors } from "../base/safetensors.js";
import { cardHash } from "../model/index.js";
import type { ModelCard } from "../training/finetune.js";
import type { Neighbour } from "./answer.js";
import { type PastTrial, Records } from "./trial-records.js";

/** Names of an index's files. The card is written last. */
export const PAST_CARD = "past.json";
export const PAST_VECTORS = "vectors.safetensors";
export const PAST_IDS = "ids.txt";
export const PAST_RECORDS = "trials.bin";
/** All but the card, which has the hashes of these. */
export const PAST_FILES = [PAST_VECTORS, PAST_IDS, PAST_RECORDS];

/** What an index says of itself. */
export const PastCard = z.object({
  /** The model whose vectors it has. */
  model: z.object({ name: z.string(), sha256: z.string() }),
  trials: z.int(),
  /** File of trials → SHA-256. */
  sources: z.record(z.string(), z.string()),
  /** File of the index → SHA-256. */
  files: z.record(z.string(), z.string()),
  /** Of all above. */
  sha256: z.string(),
});
export type PastCard = z.infer<typeof PastCard>;

export const pastCardHash = ({ sha256: _, ...content }: PastCard): string =>
  sha256(JSON.stringify(content));

const REMEDY = "Make it again with cladmop index FILES --out DIR";

/** What to tell who asks for similar trials where there is no index of past ones. */
export const noPast = (): InputError =>
  new InputError("there is no index of past trials", {
    remedy: "Make one with cladmop index FILES --out DIR, and name it with --past DIR",
  });

/** Past trials with what became of them, and their vectors. */
export interface Past {
  readonly size: number;
  /** Whether a trial is among them. */
  has(nctId: string): boolean;
  get(nctId: string): Promise<PastTrial | undefined>;
  /**
   * The trials whose vectors point most nearly where this one does, nearest first.
   * @param vector what `Predictor.embed` gives
   * @param nctId of the trial that is asked about, if it has one: it is not its own neighbour
   */
  similar(vector: Float32Array, count: number, nctId?: string): Promise<Neighbour[]>;
  close(): void;
}

/**
 * Opens an index that `cladmop index` made. Vectors are kept in memory, a byte a number; trials are read
 * from the file when they are asked for.
 * @param card of the model that is asked
 * @throws InputError if a file is missing or altered, or the index is another model's
 */
export function openPast(folder: string, card: ModelCard): Past {
  const about = readPastCard(folder);
  if (about.model.sha256 !== cardHash(card))
    throw new InputError(
      `is of another model: "${about.model.name}", version ${about.model.sha256.slice(0, 8)}, not ${cardHash(card).slice(0, 8)}`,
      { file: folder, remedy: REMEDY },
    );
  for (const name of PAST_FILES)
    if (sha256File(join(folder, name)) !== about.files[name])
      throw new InputError("was truncated or altered (its SHA-256 does not match)", {
        file: join(folder, name),
        remedy: REMEDY,
      });
  const ids = readText(join(folder, PAST_IDS)).split("\n").filter(Boolean);
  const rows = new Map(ids.map((id, row) => [id, row]));
  const { tensors, close } = openSafetensors(join(folder, PAST_VECTORS));
  const bytes = (name: string) => tensors.get(name)!.bytes();
  const vectors = new Int8Array(bytes("vectors"));
  const scales = new Float32Array(bytes("scales"));
  const centre = new Float32Array(bytes("centre"));
  const records = new Records(join(folder, PAST_RECORDS), new Uint32Array(bytes("lengths")));
  close();
  return {
    size: ids.length,
    has: (nctId) => rows.has(nctId),
    async get(nctId) {
      const row = rows.get(nctId);
      return row === undefined ? undefined : records.at(row);
    },
    async similar(vector, count, nctId) {
      const own = nctId === undefined ? undefined : rows.get(nctId);
      const direction = directionFrom(centre, vector);
      const scores = new Float32Array(ids.length);
      for (let row = 0; row < scores.length; row++)
        scores[row] = scales[row]! * dot(direction, vectors, row * direction.length);
      const nearest = highest(scores, count, own);
      return Promise.all(
        nearest.map(async (row) => neighbourOf(await records.at(row), scores[row]!)),
      );
    },
    close: () => records.close(),
  };
}

/** @throws InputError if it is missing or altered */
export function readPastCard(folder: string): PastCard {
  const place = { file: join(folder, PAST_CARD), remedy: REMEDY };
  const about = parseAs(PastCard, readText(place.file), place);
  if (pastCardHash(about) !== about.sha256)
    throw new InputError("was altered (its SHA-256 does not match)", place);
  return about;
}

/** The direction from the centre of all past trials to one: of length 1. */
export function directionFrom(centre: Float32Array, vector: Float32Array): Float32Array {
  const moved = vector.map((x, i) => x - centre[i]!);
  const length = Math.hypot(...moved) || 1;
  return moved.map((x) => x / length);
}

function dot(a: Float32Array, b: Int8Array, start: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[start + i]!;
  return sum;
}

/** Rows of the highest scores, highest first. */
function highest(scores: Float32Array, count: number, without: number | undefined): number[] {
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++) {
    if (row === without) continue;
    if (rows.length === count && scores[row]! <= scores[rows.at(-1)!]!) continue;
    let place = rows.length;
    while (place > 0 && scores[rows[place - 1]!]! < scores[row]!) place--;
    rows.splice(place, 0, row);
    if (rows.length > count) rows.pop();
  }
  return rows;
}

function neighbourOf({ trial, title, drugs, outcome }: PastTrial, similarity: number): Neighbour {
  const { nctId, phase, conditions } = trial;
  return {
    nctId,
    title,
    phase,
    conditions: [...conditions],
    drugs: [...drugs],
    similarity: Math.max(-1, Math.min(1, similarity)),
    outcome,
    url: /^NCT\d{8}$/.test(nctId) ? `https://clinicaltrials.gov/study/${nctId}` : null,
  };
}
