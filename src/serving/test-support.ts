import { Random } from "../base/random.js";
import { cpu } from "../graph/index.js";
import { LANGUAGE_DEFAULTS } from "../training/language.js";

/** A language model that is trained in seconds. */
export const SMALL_LANGUAGE = {
  ...LANGUAGE_DEFAULTS,
  ...cpu(1),
  resume: false,
  skipInvalid: false,
  vocabulary: 400,
  width: 64,
  blocks: 2,
  context: 64,
} as const;

// Made-up trials whose outcome stands in their criteria: what a working chain must find.

const DRUGS = ["Metformin", "Imatinib", "Ibuprofen", "Atorvastatin", "Prednisone", "Warfarin"];
const CONDITIONS = ["Asthma", "Migraine", "Psoriasis", "Hypertension", "Osteoporosis", "Angina"];
const ADULTS = ["Adults of either sex", "Age of 18 years or more", "Men and women over 21 years"];
const COMMON = [
  "Written informed consent",
  "Pregnant or lactating women",
  "Known allergy to the study drug",
  "Participation in another trial within 30 days",
  "Adequate organ function on laboratory tests",
  "Unable to attend the visits",
];
/** The statement that decides a made-up trial, by its label. */
export const DECISIVE = [
  "Rapidly progressive disease that has spread to the brain",
  "Healthy volunteers with a normal physical examination",
] as const;

export interface MadeUpTrial {
  readonly nctId: string;
  readonly label: 0 | 1;
  readonly drug: string;
  readonly condition: string;
  readonly criteria: string;
}

/**
 * Trials of both outcomes in equal parts; all of one drug treat the same condition. One in ten ends
 * otherwise than its criteria say.
 */
export function madeUpTrials(count: number, first: number): MadeUpTrial[] {
  return Array.from({ length: count }, (_, i) => {
    const nctId = `NCT${String(first + i).padStart(8, "0")}`;
    const random = new Random(nctId);
    const one = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
    const kind = random.integer(DRUGS.length);
    const label = (i % 2) as 0 | 1;
    const told = random.uniform() < 0.1 ? 1 - label : label;
    const condition = CONDITIONS[kind]!;
    const criteria = [
      "Inclusion Criteria:",
      "",
      `* ${one(ADULTS)}`,
      `* Diagnosis of ${condition.toLowerCase()} for ${1 + random.integer(9)} months`,
      `* ${DECISIVE[told as 0 | 1]}`,
      "",
      "Exclusion Criteria:",
      "",
      `* ${one(COMMON)}`,
      `* Earlier treatment with ${DRUGS[kind]!.toLowerCase()}`,
    ].join("\n");
    return { nctId, label, drug: DRUGS[kind]!, condition, criteria };
  });
}

/** The trials as a CSV in TOP's format. */
export const topCsv = (trials: readonly MadeUpTrial[]): string =>
  [
    "nctid,status,why_stop,label,phase,diseases,icdcodes,drugs,smiless,criteria",
    ...trials.map(
      ({ nctId, label, drug, condition, criteria }) =>
        `${nctId},,,${label},phase 1,['${condition}'],[],['${drug}'],[],"${criteria}"`,
    ),
  ].join("\n");

/** The texts of the trials as the language model is trained on them. */
export const textsNdjson = (trials: readonly MadeUpTrial[]): string =>
  trials
    .map(({ nctId, criteria }) => JSON.stringify({ nctId, eligibilityCriteria: criteria }))
    .join("\n");
