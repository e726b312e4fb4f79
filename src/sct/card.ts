import type { TrialFeatures } from "../model/index.js";
import type { Phase, TrialRecord } from "../trial/index.js";

/** What the paper reports of its own SCT (Zhang et al. 2025, as read in public summaries). */
export const PUBLISHED = {
  molecules: 4289,
  diseases: 3326,
  combinations: 2902,
  meanWords: 364,
} as const;

/** How trials were chosen, and what they are. */
export interface SctCard {
  readonly trials: number;
  /** Different molecules. */
  readonly molecules: number;
  /** Different codes of the ICD-10 hierarchy, each as fine as a condition's name tells. */
  readonly diseases: number;
  /** Different sets of two or more molecules that a trial gives. */
  readonly combinations: number;
  /** Words of the eligibility criteria of a trial. */
  readonly meanWords: number;
  readonly byPhase: Readonly<Partial<Record<Phase, number>>>;
  /** By the year of the start, "unknown" where the source has none. */
  readonly byYear: Readonly<Record<string, number>>;
  /** Why records were left out, and how many. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** For each excluded file, what the sources and the chosen trials share with it. */
  readonly overlap: readonly Overlap[];
}

export interface Overlap {
  readonly file: string;
  readonly trials: number;
  /** Trials of the file that were among the records, by NCT id, and left out for it. */
  readonly found: number;
  /** Trials of the file that are among the chosen ones, by NCT id. */
  readonly shared: number;
  readonly molecules: number;
  /** Molecules of the file that a chosen trial gives, too. */
  readonly sharedMolecules: number;
}

/** An excluded file: its NCT ids and molecules. */
export interface ExcludedFile {
  readonly file: string;
  readonly ids: ReadonlySet<string>;
  readonly molecules: ReadonlySet<string>;
}

/** Counts trials for the card, one by one. */
export class Tally {
  private readonly ids = new Set<string>();
  private readonly molecules = new Set<string>();
  private readonly diseases = new Set<string>();
  private readonly combinations = new Set<string>();
  private words = 0;
  private readonly byPhase = new Map<string, number>();
  private readonly byYear = new Map<string, number>();
  private readonly leftOut = new Map<string, number>();
  private readonly found = new Set<string>();

  constructor(private readonly excluded: readonly ExcludedFile[]) {}

  has(nctId: string): boolean {
    return this.ids.has(nctId);
  }

  /** A record that was left out, and why. */
  leave(nctId: string, reason: string): void {
    count(this.leftOut, reason);
    if (this.excluded.some(({ ids }) => ids.has(nctId))) this.found.add(nctId);
  }

  /**
   * A trial that was chosen.
   * @param codes of its diseases, as fine as they are known
   */
  keep(
    { trial, outcome }: TrialRecord,
    { text, molecules }: TrialFeatures,
    codes: readonly string[],
  ): void {
    const smiles = molecules.map((one) => one.smiles);
    this.ids.add(trial.nctId);
    for (const one of smiles) this.molecules.add(one);
    for (const code of codes) this.diseases.add(code);
    if (smiles.length > 1) this.combinations.add(smiles.sort().join(" "));
    this.words += text.match(/\S*[\p{L}\p{N}]\S*/gu)?.length ?? 0;
    count(this.byPhase, trial.phase);
    count(this.byYear, /^\d{4}/.exec(outcome.startDate ?? "")?.[0] ?? "unknown");
  }

  card(): SctCard {
    const trials = this.ids.size;
    return {
      trials,
      molecules: this.molecules.size,
      diseases: this.diseases.size,
      combinations: this.combinations.size,
      meanWords: Math.round(this.words / Math.max(1, trials)),
      byPhase: sorted(this.byPhase),
      byYear: sorted(this.byYear),
      leftOut: Object.fromEntries(this.leftOut),
      overlap: this.excluded.map(({ file, ids, molecules }) => ({
        file,
        trials: ids.size,
        found: inBoth(ids, this.found),
        shared: inBoth(ids, this.ids),
        molecules: molecules.size,
        sharedMolecules: inBoth(molecules, this.molecules),
      })),
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));

const inBoth = (one: ReadonlySet<string>, other: ReadonlySet<string>): number =>
  [...one].filter((element) => other.has(element)).length;

/** The card in a few sentences. */
export function describeCard(card: SctCard): string {
  const shared = card.overlap.map(
    ({ file, molecules, sharedMolecules }) => `${percent(sharedMolecules, molecules)} of ${file}`,
  );
  return [
    `${card.trials} successful trials: ${card.molecules} molecules, ${card.diseases} diseases,`,
    `${card.combinations} combinations, ${card.meanWords} words on average.`,
    `Left out: ${leftOutOf(card)}.`,
    shared.length > 0
      ? `Molecules of excluded files that occur: ${shared.join(", ")}.`
      : "No file was excluded.",
  ].join(" ");
}

/** How many records were left out, reason by reason. */
export const leftOutOf = ({ leftOut }: SctCard): string =>
  Object.entries(leftOut)
    .map(([reason, number]) => `${number} ${reason}`)
    .join(", ") || "none";

export const percent = (part: number, whole: number): string =>
  `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
