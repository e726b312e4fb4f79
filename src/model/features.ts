import {
  type ConditionTokens,
  type ConditionVocabulary,
  MAX_TOKENS,
  readConditions,
  resolveDiseases,
} from "../disease/index.js";
import {
  type Chemistry,
  DESCRIPTORS,
  FINGERPRINT_BITS,
  loadChemistry,
  type ResolvedMolecule,
  readVocabulary,
  resolveDrugs,
  SHIPPED_VOCABULARY,
  type Vocabulary,
} from "../drug/index.js";
import { plainText } from "../trial/blocks.js";
import { PHASES, type Phase, type Trial } from "../trial/record.js";

/** What trials are read with. */
export interface Resources {
  readonly chemistry: Chemistry;
  readonly drugs: Vocabulary;
  readonly conditions: ConditionVocabulary;
}

/** A trial as the model reads it; nothing of its outcome. */
export interface TrialFeatures {
  readonly nctId: string;
  readonly phase: Phase;
  /** Eligibility criteria in one layout, whatever their source. */
  readonly text: string;
  readonly molecules: readonly ResolvedMolecule[];
  /** {@link MOLECULE_WIDTH} numbers for each molecule. */
  readonly vectors: readonly Float32Array[];
  /** Tokens of the ICD-10 hierarchy, coarse to fine. */
  readonly diseases: readonly string[];
  /** What is not given or could not be resolved, in words. */
  readonly missing: readonly string[];
}

/** What of a trial was read, and what was not. */
export interface DescribedTrial extends TrialFeatures {
  /** Names that the vocabulary of drugs does not know. */
  readonly unresolvedDrugs: readonly string[];
  /** What stands for no drug, and why. */
  readonly ignoredInterventions: readonly { readonly name: string; readonly reason: string }[];
  readonly unresolvedConditions: readonly string[];
  /** What each condition that was resolved brings to the tokens of the diseases. */
  readonly conditions: readonly ConditionTokens[];
}

/** Numbers that describe a molecule: its fingerprint, then its descriptors on a log scale. */
export const MOLECULE_WIDTH = FINGERPRINT_BITS + DESCRIPTORS.length;
/** Molecules of one trial at most; more are named as missing. */
export const MOLECULES = 16;
/** Disease tokens of one trial at most. */
export const DISEASE_TOKENS = MAX_TOKENS;

/**
 * Words of criteria, below which hardly any are: the 1 % quantile of the 14,927 texts of registered trials from which
 * the shipped encoder learned (16 words or 24 of its tokens; that of the labelled training trials is 32 words). Words, since
 * nonsense has many tokens a word.
 */
const FEW_WORDS = 16;

/** Loads RDKit and both vocabularies. @throws InputError if a file is missing or malformed. */
export async function loadResources(drugs: string, conditions: string): Promise<Resources> {
  const chemistry = await loadChemistry();
  return {
    chemistry,
    // The shipped SMILES were checked when they were collected.
    drugs: readVocabulary(drugs, drugs === SHIPPED_VOCABULARY ? undefined : chemistry),
    conditions: readConditions(conditions),
  };
}

/**
 * Resolves a trial's drugs and diseases and describes its molecules.
 * @throws InputError if RDKit rejects a SMILES of the vocabulary
 */
export function describeTrial(trial: Trial, resources: Resources): DescribedTrial {
  const { molecules, ignored, unresolved } = resolveDrugs(trial, resources.drugs);
  const read = molecules.slice(0, MOLECULES);
  const diseases = resolveDiseases(trial, resources.conditions);
  const text = plainText(trial.eligibilityCriteria);
  return {
    nctId: trial.nctId,
    phase: trial.phase,
    text,
    molecules: read,
    vectors: read.map(({ smiles }) => moleculeVector(smiles, resources.chemistry)),
    diseases: diseases.flat,
    missing: [
      ...(trial.interventions.length === 0 ? ["no drug or other intervention is given"] : []),
      ...(trial.phase === "not applicable" ? ['the phase is "not applicable" or not given'] : []),
      ...(trial.conditions.length === 0 ? ["no condition is given"] : []),
      ...((text.match(/\S+/g)?.length ?? 0) < FEW_WORDS
        ? [
            "the criteria are shorter than 99 % of those of registered trials, from which models learn",
          ]
        : []),
      ...(molecules.length > MOLECULES
        ? [`only the first ${MOLECULES} of ${molecules.length} molecules are read`]
        : []),
      ...(diseases.leftOut > 0
        ? [
            `only ${MAX_TOKENS} of ${MAX_TOKENS + diseases.leftOut} disease tokens are read, the coarse ones first`,
          ]
        : []),
      ...unresolved.map((name) => `drug "${name}" is not in the vocabulary`),
      ...diseases.unresolved.map((name) => `condition "${name}" has no ICD-10 code`),
    ],
    unresolvedDrugs: unresolved,
    ignoredInterventions: ignored,
    unresolvedConditions: diseases.unresolved,
    conditions: diseases.ofConditions,
  };
}

/** Molecules that are remembered: of {@link MOLECULE_WIDTH} numbers each, 16 MB. */
const REMEMBERED = 2000;
const vectors = new WeakMap<Chemistry, Map<string, Float32Array>>();

function moleculeVector(smiles: string, chemistry: Chemistry): Float32Array {
  const known = vectors.get(chemistry) ?? new Map<string, Float32Array>();
  vectors.set(chemistry, known);
  let vector = known.get(smiles);
  if (!vector) {
    vector = new Float32Array(MOLECULE_WIDTH);
    vector.set(chemistry.fingerprint(smiles));
    const onLogScale = chemistry
      .descriptors(smiles)
      .map((value) => Math.sign(value) * Math.log1p(Math.abs(value)));
    vector.set(onLogScale, FINGERPRINT_BITS);
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value!); // the first to be asked for
    known.set(smiles, vector);
  }
  return vector;
}

/** The rows of the disease table by token, from 1; row 0 pads. */
export type DiseaseTable = ReadonlyMap<string, number>;

/** A table of every token that occurs in the given trials, in alphabetical order. */
export function diseaseTable(trials: readonly TrialFeatures[]): DiseaseTable {
  const tokens = [...new Set(trials.flatMap(({ diseases }) => diseases))].sort();
  return new Map(tokens.map((token, i) => [token, i + 1]));
}

/** The rows of a trial's diseases. One that is not in the table is left out: its ancestors speak for it. */
export const tableRows = (table: DiseaseTable, { diseases }: TrialFeatures): number[] =>
  diseases.flatMap((token) => table.get(token) ?? []);

/** Sizes of the tables of the branch for a disease table. */
export const tableSizes = (table: DiseaseTable) => ({
  diseases: table.size + 1,
  phases: PHASES.length,
});
