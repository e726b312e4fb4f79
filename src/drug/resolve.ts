import type { Intervention, Trial } from "../trial/record.js";
import {
  fold,
  inertReason,
  type NamePart,
  noSubstanceReason,
  splitName,
  substanceWords,
} from "./name.js";
import type { Vocabulary } from "./vocabulary.js";

export interface ResolvedMolecule {
  /** The words of the trial that named it, in lower case. */
  readonly name: string;
  readonly smiles: string;
  readonly from: "name" | "other name";
}

export interface ResolvedDrugs {
  /** In the order of the trial, each SMILES once. */
  readonly molecules: readonly ResolvedMolecule[];
  /** Names that stand for no drug, and why. */
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
  /** Names that may stand for a drug that the vocabulary does not know. */
  readonly unresolved: readonly string[];
}

/**
 * The molecules that a trial gives, found by name alone: first by the names of its interventions,
 * then, where a name gives nothing, by its other names. No unknown name is ever replaced, and
 * TOP's `smiless` column is not read: it is wrong too often to be told from right.
 */
export function resolveDrugs(trial: Trial, vocabulary: Vocabulary): ResolvedDrugs {
  const molecules = new Map<string, ResolvedMolecule>();
  const ignored = new Map<string, string>();
  const unresolved = new Set<string>();

  function add({ found }: Reading, from: ResolvedMolecule["from"]): void {
    for (const { name, smiles } of found) {
      for (const one of smiles) {
        if (!molecules.has(one)) molecules.set(one, { name, smiles: one, from });
      }
    }
  }

  for (const { type, name, otherNames } of trial.interventions) {
    const reason = notADrugType(type);
    if (reason !== undefined) {
      ignored.set(fold(name), reason);
      continue;
    }
    const reading = readName(name, vocabulary);
    add(reading, "name");
    for (const part of reading.ignored) ignored.set(part.name, part.reason);
    const others =
      reading.found.length === 0 && reading.unknown.length > 0
        ? otherNames.map((other) => readName(other, vocabulary))
        : [];
    for (const other of others) add(other, "other name");
    if (others.every(({ found }) => found.length === 0)) {
      for (const part of reading.unknown) unresolved.add(part);
    }
  }
  return {
    molecules: [...molecules.values()],
    ignored: [...ignored].map(([name, reason]) => ({ name, reason })),
    unresolved: [...unresolved],
  };
}

const DRUG_TYPES = new Set([
  "DRUG",
  "BIOLOGICAL",
  "GENETIC",
  "COMBINATION_PRODUCT",
  "DIETARY_SUPPLEMENT",
  "OTHER",
]);

function notADrugType(type: Intervention["type"]): string | undefined {
  return DRUG_TYPES.has(type) ? undefined : type.toLowerCase().replace(/_/g, " ");
}

/** What one name says, in lower case. */
interface Reading {
  readonly found: { name: string; smiles: readonly string[] }[];
  readonly ignored: { name: string; reason: string }[];
  readonly unknown: string[];
}

function readName(given: string, vocabulary: Vocabulary): Reading {
  const name = fold(given);
  const whole = inertReason(name) === undefined ? vocabulary.lookup(name) : undefined;
  if (whole !== undefined) return { found: [{ name, smiles: whole }], ignored: [], unknown: [] };
  const reading: Reading = { found: [], ignored: [], unknown: [] };
  for (const part of splitName(name)) readPart(part, vocabulary, reading);
  if (Object.values(reading).every((list) => list.length === 0)) reading.unknown.push(name);
  return reading;
}

/** Adds what a part says to `reading`; a part of noise alone ("arm 1", "400 mg") adds nothing. */
function readPart({ text, brackets }: NamePart, vocabulary: Vocabulary, reading: Reading): void {
  const inert = inertReason(text) ?? brackets.map(inertReason).find((why) => why === "placebo");
  if (inert !== undefined) {
    reading.ignored.push({ name: text, reason: inert });
    return;
  }
  const exact = vocabulary.lookup(text);
  if (exact !== undefined) {
    reading.found.push({ name: text, smiles: exact });
    return;
  }
  // A note in brackets speaks only where the name before it is unknown: "code (drug)".
  const found = [
    findRuns(text, vocabulary),
    ...brackets.map((note) => readName(note, vocabulary).found),
  ].find((one) => one.length > 0);
  const reason = noSubstanceReason(text);
  if (found !== undefined) reading.found.push(...found);
  else if (reason !== undefined) reading.ignored.push({ name: text, reason });
  else if (substanceWords(text).length > 0) reading.unknown.push(text);
}

/** A vaccine "with" a drug's name in it, an antibody conjugate or a cell product is not that drug. */
const BIOLOGICAL =
  /\b(?:vaccin\w*|antibod\w*|immun\w*globulin|globulin|lymphocytes?|cells?|cellular|antigens?|genes?|virus\w*|vaccinia|autologous|allogen\w*|plasma|serum|toxoids?|toxin|peptides?|conjugated?|factor|oligonucleotide|\w+mab|receptors?|inhibitors?|blockers?|blockade|antagonists?|agonists?|channel|insulin|interferon|analog\w*|vectors?|extract)\b/u;

/** Salts, minerals and solvents: part of another drug's name unless they stand alone. */
const ACCOMPANY = new Set(
  `sodium potassium calcium magnesium zinc iron aluminum lithium ammonium disodium acetate citrate maleate
  malate fumarate tartrate lactate gluconate succinate phosphate sulfate sulphate nitrate carbonate
  bicarbonate hydrochloride chloride bromide iodide hydrobromide mesylate tosylate besylate
  benzoate stearate palmitate oleate salicylate glutamate aspartate pamoate acid ester oxide
  water oxygen ethanol alcohol glycerol glycerin glucose dextrose lactose sucrose mannitol sorbitol
  glycine arginine lysine starch oil urea cholesterol nitrogen phenol histidine
  phenylalanine ornithine fructose imidazole iodine indium samarium formaldehyde
  vitamin steroid estrogen hormone`.split(/\s+/),
);

/** The longest runs of words, left to right, that the vocabulary knows. */
function findRuns(
  text: string,
  vocabulary: Vocabulary,
): { name: string; smiles: readonly string[] }[] {
  if (BIOLOGICAL.test(text)) return [];
  const found: { name: string; smiles: readonly string[] }[] = [];
  const words = substanceWords(text);
  for (let from = 0; from < words.length; from++) {
    for (let to = words.length; to > from; to--) {
      const name = words.slice(from, to).join(" ");
      const smiles = vocabulary.lookup(name);
      if (smiles === undefined || (to === from + 1 && words.length > 1 && !tellsAlone(name)))
        continue;
      found.push({ name, smiles });
      from = to - 1;
      break;
    }
  }
  return found;
}

function tellsAlone(word: string): boolean {
  return word.length >= 4 && !ACCOMPANY.has(word);
}
