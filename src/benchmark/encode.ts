import type { Preset } from "../model/index.js";
import { collectSct } from "../sct/index.js";
import type { Context } from "./context.js";

/** Encodes the criteria of the data sets' trials, and of the successful trials if they are needed. */
export async function encodeAll(
  preset: Preset,
  datasets: readonly string[],
  needsSct: boolean,
  context: Context,
): Promise<void> {
  const { watcher } = context;
  const texts: string[] = [];
  for (const name of datasets)
    for (const { trials } of Object.values(await context.splits(name)))
      texts.push(...trials.map(({ features }) => features.text));
  if (needsSct) {
    const { trials } = await collectSct(
      context.sctSources(),
      await context.resources(),
      context.folder("sct"),
      watcher,
    );
    texts.push(...trials.map(({ text }) => text));
  }
  const { fill } = await context.encoder(preset);
  await fill(texts, watcher);
}
