import { groupBy } from "../base/group.js";
import type { ResolvedDrugs } from "../drug/index.js";
import { nameKey } from "../drug/name.js";
import { type Check, type Found, inEachDataSet } from "./check.js";
import { counted, examplesOf, shareOf } from "./finding.js";
import { type AuditedTrial, type DataSet, filesOf, idOf, titleOf } from "./input.js";

const REMEDY = "Find molecules by drug name (cladmop does, and never reads the column smiless).";

/** A name of a drug, what it stands for, and the SMILES that the file gives for it. */
interface Given {
  readonly name: string;
  readonly drug: ResolvedDrugs;
  readonly smiles: string;
}

const isAligned = ({ trial }: AuditedTrial): boolean =>
  trial.givenSmiles.length === trial.interventions.length;

/** The names with their SMILES, where there are as many of one as of the other. */
const givenBy = (one: AuditedTrial): Given[] =>
  isAligned(one)
    ? one.drugs.map((drug, i) => ({
        name: nameKey(one.trial.interventions[i]!.name),
        drug,
        smiles: one.trial.givenSmiles[i]!,
      }))
    : [];

const isNoDrug = ({ molecules, unresolved, ignored }: ResolvedDrugs): boolean =>
  molecules.length === 0 && unresolved.length === 0 && ignored.length > 0;

/** Trials whose lists of drugs and of SMILES differ in length. */
export const listLengths: Check = {
  name: "list-lengths",
  why: "Which molecule belongs to which drug is unknown where there are not as many of them.",
  remedy: REMEDY,
  find: inEachDataSet((dataSet) =>
    describe(dataSet, "drugs and smiless differ in length", (trial) => !isAligned(trial)),
  ),
};

/** Placebos, vehicles, procedures and the like that come with a molecule. */
export const nonDrugMolecules: Check = {
  name: "non-drug-molecules",
  why: "A model reads a drug that nobody was given, and learns who has a placebo arm.",
  remedy: REMEDY,
  find: inEachDataSet((dataSet) =>
    describe(dataSet, "a molecule for a placebo, vehicle or procedure", (trial) =>
      givenBy(trial).some(({ drug }) => isNoDrug(drug)),
    ),
  ),
};

/** So many names of other drugs for one SMILES are more than a slip. */
const SEVERAL = 5;

/** SMILES that stand for several different drugs, over all that is audited, and who carries them. */
export const placeholderMolecules: Check = {
  name: "placeholder-molecules",
  why: "A placeholder tells a model that different drugs are one, or where a record came from.",
  remedy: REMEDY,
  find: (input) => {
    const given = filesOf(input).flatMap(({ trials }) => trials.flatMap(givenBy));
    const placeholders = new Map(
      [...groupBy(given, ({ smiles }) => smiles)].flatMap(([smiles, own]) => {
        const drugs = [...new Map(own.map(({ name, drug }) => [name, drug])).values()];
        const others = othersOf(drugs);
        return others < SEVERAL ? [] : [[smiles, { names: drugs.length, others }]];
      }),
    );
    return inEachDataSet((dataSet) => {
      const trials = dataSet.splits.flatMap((split) => split.trials);
      const carriers = (smiles: string) =>
        trials.filter(({ trial }) => trial.givenSmiles.includes(smiles)).length;
      const common = [...placeholders]
        .map(([smiles, counts]) => ({ smiles, ...counts, trials: carriers(smiles) }))
        .sort((a, b) => b.trials - a.trials)
        .slice(0, 3)
        .map(
          ({ smiles, names, others, trials }) =>
            `"${shorten(smiles)}" in ${counted(trials, "trial")}, for ${names} names, ${others} of them of ` +
            "another drug or of none",
        );
      return describe(
        dataSet,
        "a molecule that stands for several drugs",
        ({ trial }) => trial.givenSmiles.some((smiles) => placeholders.has(smiles)),
        `; most often ${common.join("; ")}`,
      );
    })(input);
  },
};

const shorten = (smiles: string) => (smiles.length > 40 ? `${smiles.slice(0, 40)}…` : smiles);

/** Of the names of one SMILES, those of no drug, or of drugs without the molecule that most names have. */
function othersOf(drugs: readonly ResolvedDrugs[]): number {
  const found = drugs.flatMap(({ molecules }) => molecules.map(({ smiles }) => smiles));
  const [main] = [...groupBy(found, (smiles) => smiles)].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  return drugs.filter(
    (drug) =>
      isNoDrug(drug) ||
      (drug.molecules.length > 0 && !drug.molecules.some(({ smiles }) => smiles === main?.[0])),
  ).length;
}

/** The share of each split that gives SMILES and is at fault; nothing where no trial is. */
function describe(
  { splits }: DataSet,
  what: string,
  isAtFault: (trial: AuditedTrial) => boolean,
  more = "",
): Omit<Found, "subject">[] {
  const rows = splits
    .filter(({ trials }) => trials.some(({ trial }) => trial.givenSmiles.length > 0))
    .map((split) => ({ split, bad: split.trials.filter(isAtFault) }))
    .filter(({ bad }) => bad.length > 0);
  if (rows.length === 0) return [];
  const shares = rows.map(
    ({ split, bad }) => `${shareOf(bad.length, split.trials.length, "trial")} of ${titleOf(split)}`,
  );
  return [
    {
      severity: "warning",
      found: `${what}: ${shares.join(", ")}${more}`,
      examples: examplesOf(rows.flatMap(({ bad }) => bad.map(idOf))),
    },
  ];
}
