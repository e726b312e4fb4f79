import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readText } from "../base/file.js";
import { parseAs } from "../base/json.js";

/** The file of a model's weights, and what says in which files they are where one would be too large. */
export const WHOLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** What helps where weights are missing or damaged. */
export const FETCH_AGAIN = "Fetch or train the encoder again";

/** A name without folders: it is joined to a folder of ours. */
const Shard = z
  .string()
  .regex(
    /^\w[\w.-]*\.safetensors$/,
    "is no name of a safetensors file, which makes the index invalid",
  );
const Index = z.object({ weight_map: z.record(z.string(), Shard) });

/** The files that an index of weights names. @throws InputError with the remedy if it is malformed */
export function shardsOf(index: string, remedy: string): string[] {
  const { weight_map: shards } = parseAs(Index, readText(index), { file: index, remedy });
  return [...new Set(Object.values(shards))].sort();
}

/**
 * The names of the files of a folder that hold the weights: one, or an index and its shards.
 * @throws InputError if the index is malformed
 */
export function weightFiles(folder: string): string[] {
  if (existsSync(join(folder, WHOLE)) || !existsSync(join(folder, INDEX))) return [WHOLE];
  return [INDEX, ...shardsOf(join(folder, INDEX), FETCH_AGAIN)];
}
