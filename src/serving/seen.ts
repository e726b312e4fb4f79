import type { SeenTrials } from "../training/seen.js";

const PURPOSES = [
  ["training", "training"],
  ["validation", "validation"],
  ["pretraining", "pre-training"],
] as const;

/** What a model that lists the trials it has seen has used a trial for. */
export function usesOf(seen: SeenTrials): (nctId: string) => (typeof PURPOSES)[number][1][] {
  const purposes = PURPOSES.map(([purpose, name]) => ({ name, ids: new Set(seen[purpose]) }));
  return (nctId) => purposes.filter(({ ids }) => ids.has(nctId)).map(({ name }) => name);
}

/** Counts, among the trials that a model is asked about, those that it has seen. */
export class SeenCounter {
  private readonly purposes;
  private count = 0;
  private known = 0;

  /** @param seen undefined for an older model, which has no list of them */
  constructor(private readonly seen: SeenTrials | undefined) {
    this.purposes = PURPOSES.map(([purpose, name]) => ({
      name,
      ids: new Set(seen?.[purpose]),
      rows: 0,
    }));
  }

  add(nctId: string): void {
    this.count++;
    const seeing = this.purposes.filter(({ ids }) => ids.has(nctId));
    for (const purpose of seeing) purpose.rows++;
    if (seeing.length > 0) this.known++;
  }

  /** What to say of it, if there is anything. */
  warning(): string | undefined {
    if (!this.seen)
      return "this older model does not list the trials it was fitted on: these may be among them";
    if (this.known === 0) return undefined;
    const parts = this.purposes.filter(({ rows }) => rows > 0);
    return (
      `the model has seen ${this.known} of these ${this.count} trials ` +
      `(${parts.map(({ name, rows }) => `${rows} in ${name}`).join(", ")}): ` +
      "what it says of them does not show how well it predicts"
    );
  }
}
