import { join } from "node:path";
import { InputError } from "../base/error.js";
import { fileIn, readBytes, readText, sha256, writeWhole } from "../base/file.js";
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
  writeCard(folder, name, { ...card, sha256: sha256(readBytes(file)) });
}

/** Writes the card of parameters that are there already. @param card with the SHA-256 of their file */
export function writeCard(folder: string, name: string, card: { readonly sha256: string }): void {
  const signed = { ...card, cardSha256: cardHash(card) };
  writeWhole(join(folder, `${name}.json`), `${JSON.stringify(signed, null, 2)}\n`);
}

/** SHA-256 of a card, signed or not. It holds the hashes of all files, so it tells versions of a model apart. */
export function cardHash(card: object): string {
  const { cardSha256: _, ...content } = card as { cardSha256?: string };
  return sha256(JSON.stringify(content));
}

/**
 * Reads what {@link writeModel} wrote.
 * @throws InputError naming the file if one is missing, damaged or altered
 */
export function readModel<Card>(
  folder: string,
  name: string,
): { card: Card & { readonly sha256: string }; parameters: Map<string, TensorData> } {
  const card = readCard<Card>(folder, name);
  const file = join(folder, `${name}.safetensors`);
  return { card, parameters: readSafetensors(file, readUnaltered(file, card.sha256)).tensors };
}

/** The card alone. @throws InputError as {@link readModel} */
export function readCard<Card>(folder: string, name: string): Card & { readonly sha256: string } {
  const cardFile = fileIn(folder, `${name}.json`, name);
  const place = { file: cardFile, remedy: "Restore the model folder" };
  const fail = (problem: string) => new InputError(problem, place);
  const card = parseJson(readText(cardFile), place) as Card & {
    sha256: string;
    cardSha256?: string;
  };
  if (typeof card?.sha256 !== "string") throw fail("is not the card of a model");
  if (cardHash(card) !== card.cardSha256) throw fail("was altered (its SHA-256 does not match)");
  return card;
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
