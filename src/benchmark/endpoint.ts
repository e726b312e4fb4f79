import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readText, writeWhole } from "../base/file.js";
import { parseAs } from "../base/json.js";
import type { Watcher } from "../base/watcher.js";
import { LLM_DEFAULTS, type LlmOptions } from "../baseline/zero-shot/index.js";

const Note = z.strictObject({
  url: z.string(),
  model: z.string(),
  prices: z.strictObject({ prompt: z.number(), completion: z.number() }).optional(),
});

const noteIn = (out: string) => join(out, "llm.json");

/**
 * Notes in the folder of results which language model is asked, for the next run: endpoint and model are
 * part of a cell's id. An address with a query may hold a key, and is not noted, which is said.
 */
export function noteEndpoint(
  out: string,
  { url, model, prices }: LlmOptions,
  watcher: Watcher,
): void {
  if (new URL(url).search === "") {
    writeWhole(noteIn(out), `${JSON.stringify({ url, model, prices })}\n`);
    return;
  }
  rmSync(noteIn(out), { force: true });
  watcher.say(
    "The language model's address has a query, which may hold a key, and is not noted: give --llm-url and --llm-model again with the next run",
  );
}

/** What {@link noteEndpoint} noted, if it did. @throws InputError if the note is malformed */
export function notedEndpoint(out: string): LlmOptions | undefined {
  const file = noteIn(out);
  if (!existsSync(file)) return undefined;
  const remedy = "Remove it, and give --llm-url and --llm-model again";
  return { ...LLM_DEFAULTS, ...parseAs(Note, readText(file), { file, remedy }) };
}

/** In one line, which language model is asked without its having been named anew. */
export const notedLine = (out: string, { url, model }: LlmOptions): string =>
  `The method llm asks ${model} at ${url}, as noted in ${noteIn(out)}`;
