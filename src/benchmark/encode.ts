import type { Preset } from "../model/index.js";
import { collectSct } from "../sct/index.js";
import type { Context } from "./context.js";
import { type Base, type Cell, needsSct, readsStates } from "./grid.js";

/** Texts that are encoded before anything reads them: of data sets, and of the successful trials. */
export interface Encoding {
  readonly kind: "encode";
  readonly preset: Preset;
  readonly datasets: readonly string[];
  readonly needsSct: boolean;
}

/**
 * What has to be encoded: a base groups the trials of every data set, a cell reads those of its own, if it
 * reads hidden states.
 */
export function encodingsFor(
  cells: readonly Cell[],
  bases: readonly Base[],
  all: readonly string[],
): Encoding[] {
  return (["default", "paper"] as const).flatMap((preset): Encoding[] => {
    const own = bases.filter(({ spec }) => spec.preset === preset);
    const readers = preset === "default" ? cells.filter(readsStates) : []; // that preset's states are what baselines read
    if (own.length + readers.length === 0) return [];
    return [
      {
        kind: "encode",
        preset,
        datasets: own.length > 0 ? all : [...new Set(readers.map(({ dataset }) => dataset))],
        needsSct:
          own.some(({ spec }) => spec.pretrained) ||
          readers.some((cell) => !cell.model && needsSct(cell)),
      },
    ];
  });
}

/** Encodes the criteria of the data sets' trials, and of the successful trials if they are needed. */
export async function encodeAll(
  { preset, datasets, needsSct }: Omit<Encoding, "kind">,
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
