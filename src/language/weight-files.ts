import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../base/error.js";
import { exists, readText } from "../base/file.js";
import { parseAs } from "../base/json.js";

/** The file of a model's weights, and what says in which files they are where one would be too large. */
export const WHOLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

const PICKLE = "pytorch_model.bin";

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
 * @throws InputError if the index is malformed or names a file that is missing, or there are pickled weights alone
 */
export function weightFiles(folder: string): string[] {
  const isThere = (name: string) => exists(join(folder, name));
  if (!isThere(WHOLE) && isThere(INDEX)) {
    const shards = shardsOf(join(folder, INDEX), FETCH_AGAIN);
    const [missing, ...others] = shards.filter((name) => !isThere(name));
    if (missing === undefined) return [INDEX, ...shards];
    const more = others.length > 0 ? `, and so are ${others.join(", ")}` : "";
    throw new InputError(`is missing${more}, which ${INDEX} names`, {
      file: join(folder, missing),
      remedy: "Fetch it from where the other files came from",
    });
  }
  if (!isThere(WHOLE) && isThere(PICKLE))
    throw new InputError("is not read, for a pickle can run any code", {
      file: join(folder, PICKLE),
      remedy: `Convert it to ${WHOLE}, with save_pretrained of Python's transformers for example`,
    });
  return [WHOLE];
}
