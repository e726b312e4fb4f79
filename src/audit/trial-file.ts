import { basename, dirname, resolve } from "node:path";
import { InputError } from "../base/error.js";
import { readBytes, readText, sha256 } from "../base/file.js";
import { type ConditionVocabulary, resolveDiseases } from "../disease/index.js";
import { resolveDrugs, type Vocabulary } from "../drug/index.js";
import { NoCriteria, otherFields, readTrials, type TrialRecord } from "../trial/index.js";
import type { AuditedTrial, TrialFile } from "./input.js";

/** The data set that a file belongs to, and what it is for. */
export type Place = Pick<TrialFile, "dataSet" | "role">;

export interface Vocabularies {
  readonly drugs: Vocabulary;
  readonly conditions: ConditionVocabulary;
}

/**
 * Reads a file of trials, bad rows included. Its name tells the split and the data set:
 * `phase_II_valid.csv` is the validation split of phase II. See {@link placeOf}.
 * @param place instead of what the name tells
 * @throws InputError if it is no file of trials, or none of its rows can be read
 */
export function readTrialFile(
  path: string,
  vocabularies: Vocabularies,
  place: Place = placeOf(path),
): TrialFile {
  const { records, invalid } = readTrials(path, { skipInvalid: true });
  if (records.length === 0 && !invalid.some((error) => error instanceof NoCriteria))
    throw (
      invalid[0] ??
      new InputError("holds no trial", { file: path, remedy: "Give a file with rows of trials" })
    );
  const text = readText(path);
  const others = /^\s*[{[]/.test(text) ? undefined : otherFields(text);
  return {
    path,
    name: basename(path),
    ...place,
    sha256: sha256(readBytes(path)),
    trials: records.map((record) => ({
      ...audited(record, vocabularies),
      otherFields: others?.get(record.source.row) ?? {},
    })),
    invalid,
    laterFields: others ? laterColumnsOf(others.values()) : laterFieldsOf(text),
  };
}

function audited(
  record: TrialRecord,
  vocabularies: Vocabularies,
): Omit<AuditedTrial, "otherFields"> {
  const { trial } = record;
  const drugs = trial.interventions.map((one) =>
    resolveDrugs({ ...trial, interventions: [one] }, vocabularies.drugs),
  );
  return {
    ...record,
    drugs,
    molecules: drugs.flatMap(({ molecules }) => molecules.map(({ smiles }) => smiles)),
    hasDisease: resolveDiseases(trial, vocabularies.conditions).flat.length > 0,
  };
}

const SPLIT = /(?<![a-z])(train|valid|val|dev|test)(?:ing|ation)?(?![a-z])/i;
const SPLIT_FOLDER = /^(train|valid|val|dev|test)(?:ing|ation)?$/i;
const PHASE = /(?<![a-z])phase[\s_-]*(iv|i{1,3}|[1-4])(?![a-z\d])/i;
const ROMAN = ["I", "II", "III", "IV"];

/**
 * What a file's name tells; the phase may stand in its folder's name instead. Where it tells no split, the
 * folder's name may, such as "train": then the folder above is the data set.
 */
export function placeOf(path: string): Place {
  const name = basename(path);
  const [folder, above] = [dirname(path), dirname(dirname(path))].map((one) =>
    basename(resolve(one)),
  ) as [string, string];
  const inName = SPLIT.exec(name);
  const split = inName ?? SPLIT_FOLDER.exec(folder);
  if (split === null) return { dataSet: name, role: "other" };
  const places = inName ? [name, folder] : [name, above];
  const [phase] = places.flatMap((text) => PHASE.exec(text)?.[1] ?? []);
  const before = inName ? name.slice(0, inName.index).replace(/[\s._-]+$/, "") || folder : above;
  const word = split[1]!.toLowerCase();
  return {
    dataSet: phase ? `phase ${ROMAN[Number(phase) - 1] ?? phase.toUpperCase()}` : before,
    role: word === "train" || word === "test" ? word : "valid",
  };
}

/**
 * Fields that are filled after a trial has started, and how often: of a CSV its columns beside TOP's
 * `status` and `why_stop`, which have a check of their own.
 */
function laterColumnsOf(rows: Iterable<Readonly<Record<string, string>>>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows)
    for (const [column, text] of Object.entries(row))
      if (text !== "" && LATER_COLUMN.test(column))
        counts.set(column, (counts.get(column) ?? 0) + 1);
  return counts;
}

/**
 * The same of JSON: the fields of ClinicalTrials.gov's API (data structure of API v2). A quote inside of a
 * JSON string is escaped, so the text can be searched as it is.
 */
function laterFieldsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, field] of text.matchAll(LATER_FIELD))
    counts.set(field!, (counts.get(field!) ?? 0) + 1);
  return counts;
}

const LATER_COLUMN =
  /completion|^results?_|has_results|p_?value|enrollment|actual|last_update|adverse|outcome_(?:result|analys)/i;
const LATER_FIELD =
  /"(whyStopped|completionDateStruct|primaryCompletionDateStruct|resultsSection|hasResults|resultsFirstSubmitDate|resultsFirstPostDateStruct)"\s*:(?!\s*(?:false|null))/g;
