import { InputError } from "../base/error.js";
import type { Watcher } from "../base/watcher.js";
import { readApproved } from "../drug/index.js";
import type { Resources } from "../model/index.js";
import { candidates, type SctSources } from "./candidates.js";
import type { SctCard } from "./card.js";
import { type SctRule, SctSelection, type SctTrial } from "./select.js";

/** Files of records, and how to choose from them. */
export interface CollectOptions extends Omit<SctSources, "aact">, SctRule {
  /** Approved drugs, see {@link readApproved}; needed where there are studies. */
  readonly approved?: string | undefined;
}

/**
 * The chosen trials of files, in memory.
 * @param folder where bad rows are listed
 * @throws InputError if a file cannot be read; Interrupted if the watcher stops it
 */
export async function collectSct(
  options: CollectOptions,
  resources: Resources,
  folder: string,
  watcher: Watcher,
): Promise<{ trials: SctTrial[]; card: SctCard }> {
  const { approved, studies } = options;
  if (studies.length > 0 && approved === undefined)
    throw new InputError("studies count as successful only where a drug of theirs is approved", {
      file: studies[0],
      remedy: "Name the approved drugs with --approved, or give known successes with --trials",
    });
  const list =
    approved === undefined
      ? undefined
      : readApproved(approved, resources.chemistry, { skipInvalid: options.skipInvalid });
  const selection = new SctSelection(options, list?.molecules ?? new Set(), resources);
  const trials: SctTrial[] = [];
  const chosenFrom = candidates(options, folder, watcher, list?.invalid);
  for await (const { trial } of selection.choose(chosenFrom)) trials.push(trial);
  return { trials, card: selection.card() };
}
