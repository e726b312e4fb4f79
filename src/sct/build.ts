import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { hashes, writeWhole } from "../base/file.js";
import { writeLinesGzip } from "../base/lines.js";
import type { Watcher } from "../base/watcher.js";
import { readConditions } from "../disease/index.js";
import {
  joinVocabularies,
  loadChemistry,
  readApproved,
  readVocabulary,
  SHIPPED_VOCABULARY,
  writeVocabulary,
} from "../drug/index.js";
import { filesOf, type TrialRecord, toStudy } from "../trial/index.js";
import { candidates, type SctSources } from "./candidates.js";
import { leftOutOf, type SctCard } from "./card.js";
import { cardAsMarkdown } from "./card-markdown.js";
import { type SctRule, SctSelection, type SctTrial } from "./select.js";

export interface BuildOptions extends SctSources, SctRule {
  /** The approved drugs: a CSV with name and smiles, or a vocabulary. Their names are known, too. */
  readonly drugs: string;
  /** JSON of further names by DrugBank id. */
  readonly synonyms?: string | undefined;
  readonly conditions: string;
  readonly out: string;
}

/** The data card of a built SCT: {@link SctCard} with what decided it. */
export interface SctDataCard extends SctCard {
  readonly settings: { readonly excludeDrugs: boolean; readonly before: string | null };
  readonly drugNames: {
    /** All that were searched for: the list's own, the shipped vocabulary's, the synonyms. */
    readonly known: number;
    /** Names that say too little or stand for several drugs. */
    readonly leftOut: number;
  };
  /** File name → SHA-256 of everything that was read. */
  readonly data: Readonly<Record<string, string>>;
  /** The database that was read, without user and password. */
  readonly aact: string | null;
}

export interface BuildResult {
  readonly folder: string;
  readonly card: SctDataCard;
}

/**
 * Writes the Successful Clinical Trials into a folder: `trials.ndjson.gz`, a study of the API's form a
 * line, with what was resolved under the key `cladmop`; `drugs.tsv`, the names they were resolved by;
 * and the data card, `card.json` and `card.md`.
 * @throws InputError on bad input, or if no trial is left; Interrupted if the watcher stops it
 */
export async function buildSct(options: BuildOptions, watcher: Watcher): Promise<BuildResult> {
  const { out, drugs, synonyms, conditions, trials, studies, aact, exclude, skipInvalid } = options;
  const file = (name: string) => join(out, name);
  if (existsSync(file("card.json")))
    throw new InputError("this folder already holds successful trials", {
      file: out,
      remedy: "Remove them or choose another folder with --out",
    });
  if (trials.length + studies.length === 0 && aact === undefined)
    throw new InputError("there are no records to choose from", {
      remedy: "Give --studies, --trials or --aact",
    });
  watcher.report({ stage: "Reading the drugs and the excluded trials", done: 0, total: 1 });
  const chemistry = await loadChemistry();
  const approved = readApproved(drugs, chemistry, { needsNames: true, synonyms, skipInvalid });
  const shipped = readVocabulary(SHIPPED_VOCABULARY);
  const vocabulary = joinVocabularies(approved.names, shipped.drugs, approved.synonyms);
  const resources = { chemistry, drugs: vocabulary, conditions: readConditions(conditions) };
  const selection = new SctSelection(options, approved.molecules, resources);
  const chosenFrom = candidates(options, out, watcher, approved.invalid);
  const inputs = [...trials, ...studies].flatMap(filesOf);
  const data = hashes([drugs, ...(synonyms ? [synonyms] : []), conditions, ...exclude, ...inputs]);

  async function* lines(): AsyncGenerator<string> {
    for await (const { record, trial } of selection.choose(chosenFrom)) yield lineOf(record, trial);
    if (selection.card().trials === 0)
      throw new InputError("no trial is left", {
        remedy: `Give other files or exclude less. Left out: ${leftOutOf(selection.card())}`,
      });
  }
  await writeLinesGzip(file("trials.ndjson.gz"), lines());
  const card: SctDataCard = {
    ...selection.card(),
    settings: { excludeDrugs: options.excludeDrugs, before: options.before ?? null },
    drugNames: { known: vocabulary.size, leftOut: approved.vague.length },
    data,
    aact: aact === undefined ? null : (await import("./aact.js")).aactPlace(aact),
  };
  writeVocabulary(file("drugs.tsv"), vocabulary);
  writeWhole(file("card.md"), cardAsMarkdown(card));
  writeWhole(file("card.json"), `${JSON.stringify(card, null, 2)}\n`); // the last: all is there
  return { folder: out, card };
}

/** A study as {@link readTrials} reads it, with what was resolved. */
function lineOf(record: TrialRecord, { molecules, diseases, known }: SctTrial): string {
  const study = toStudy(record);
  const resolved = {
    knownSuccess: known,
    molecules: molecules.map(({ name, smiles }) => ({ name, smiles })),
    diseases,
  };
  return JSON.stringify({ ...study, cladmop: { ...study.cladmop, ...resolved } });
}
