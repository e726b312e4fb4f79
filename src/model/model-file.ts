import { join } from "node:path";
import { InputError } from "../base/error.js";
import { exists, folderWithin, readBytes, readText, sha256, writeWhole } from "../base/file.js";
import { parseJson } from "../base/json.js";
import { readSafetensors, type TensorData, writeSafetensors } from "../base/safetensors.js";

/**
 * Writes `<name>.safetensors` and, last, `<name>.json`: the card with the file's SHA-256 and its
 * own, so that an altered or truncated model is noticed when it is loaded.
 */
export function writeModel(
  folder: string,
  name: string,
  card: object,
  parameters: ReadonlyMap<string, TensorData>,
  dtype: "F32" | "F16",
): void {
  const file = join(folder, `${name}.safetensors`);
  writeSafetensors(file, parameters, { dtype });
  const complete = { ...card, sha256: sha256(readBytes(file)) };
  const signed = { ...complete, cardSha256: sha256(JSON.stringify(complete)) };
  writeWhole(join(folder, `${name}.json`), `${JSON.stringify(signed, null, 2)}\n`);
}

/**
 * Reads what {@link writeModel} wrote.
 * @throws InputError naming the file if one is missing, damaged or altered
 */
export function readModel<Card>(
  folder: string,
  name: string,
): { card: Card & { readonly sha256: string }; parameters: Map<string, TensorData> } {
  const cardFile = join(folder, `${name}.json`);
  const inner = exists(cardFile) ? undefined : folderWithin(folder, `${name}.json`);
  if (inner !== undefined)
    throw new InputError(`holds no ${name}, but a folder that does`, {
      file: folder,
      remedy: `Name ${inner}`,
    });
  const place = { file: cardFile, remedy: "Restore the model folder" };
  const fail = (problem: string) => new InputError(problem, place);
  const card = parseJson(readText(cardFile), place) as Card & {
    sha256: string;
    cardSha256?: string;
  };
  if (typeof card?.sha256 !== "string") throw fail("is not the card of a model");
  const { cardSha256, ...rest } = card;
  if (sha256(JSON.stringify(rest)) !== cardSha256)
    throw fail("was altered (its SHA-256 does not match)");
  const file = join(folder, `${name}.safetensors`);
  return { card, parameters: readSafetensors(file, readUnaltered(file, card.sha256)).tensors };
}

/** The bytes of a file. @throws InputError if it is missing or is not the one with this SHA-256 */
export function readUnaltered(file: string, expected: string | undefined): Uint8Array {
  const bytes = readBytes(file);
  if (sha256(bytes) !== expected)
    throw new InputError("was truncated or altered (its SHA-256 does not match)", {
      file,
      remedy: "Restore the model folder",
    });
  return bytes;
}
