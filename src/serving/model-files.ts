import { join } from "node:path";
import { openBytes, sha256File } from "../base/file.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import { checkpointFiles } from "../language/index.js";
import { readModel } from "../model/index.js";
import { SHALLOW_FILE } from "../shallow/index.js";
import type { ModelCard } from "../training/finetune.js";
import { SEEN_FILE } from "../training/seen.js";
import { PAST_CARD, PAST_FILES } from "./past.js";

/** A file of a model, as a browser that runs it asks for it. */
export interface ModelFile {
  /** With a slash after its folder: "encoder/config.json". */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * All files that a model's answers depend on, and those of an index of past trials, with the paths where they lie.
 * @param folder the model's
 * @param drugs path of a drug vocabulary instead of the shipped one
 * @param past folder of an index of past trials
 * @throws InputError if one is missing, or the model is damaged or altered
 */
export function modelFiles(
  folder: string,
  {
    drugs = SHIPPED_VOCABULARY,
    past,
  }: { readonly drugs?: string | undefined; readonly past?: string | undefined } = {},
): (ModelFile & { readonly path: string })[] {
  const { card } = readModel<ModelCard>(folder, "model");
  const own = [
    "model.json",
    "model.safetensors",
    ...(card.shallow === undefined ? [] : [SHALLOW_FILE]),
    ...(card.trials === undefined ? [] : [SEEN_FILE]),
    ...checkpointFiles(join(folder, "encoder")).map((name) => `encoder/${name}`),
  ];
  const paths = [
    ...own.map((name) => [name, join(folder, name)] as const),
    ["drugs.tsv", drugs] as const,
    ["conditions.tsv", SHIPPED_CONDITIONS] as const,
    ...(past === undefined
      ? []
      : [PAST_CARD, ...PAST_FILES].map((name) => [`past/${name}`, join(past, name)] as const)),
  ];
  return paths.map(([name, path]) => ({
    name,
    path,
    bytes: sizeOf(path),
    sha256: sha256File(path),
  }));
}

function sizeOf(path: string): number {
  const { size, close } = openBytes(path);
  close();
  return size;
}
