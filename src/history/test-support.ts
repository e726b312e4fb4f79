import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { postgresFolder, startPostgres, type TestServer } from "../base/test-postgres.js";
import { Draft, type DraftInput } from "../trial/draft.js";
import type { Kept } from "./history.js";

export const MODEL = { name: "small", sha256: "a".repeat(64) };

/** A prediction of a made-up trial. */
export function kept(
  draft: Partial<DraftInput> = {},
  { model = MODEL, ...prediction }: Partial<Kept["prediction"] & Pick<Kept, "model">> = {},
): Kept {
  const whole = Draft.parse({
    phase: "2",
    conditions: ["Gout"],
    interventions: [{ name: "Colchicine", otherNames: ["Colcrys"] }],
    eligibilityCriteria: "Inclusion Criteria:\n\n* Adults",
    ...draft,
  });
  return {
    draft: whole,
    model,
    prediction: {
      nctId: whole.nctId ?? "",
      phase: whole.phase,
      probability: 0.5,
      interval: [0.4, 0.6],
      baseRate: { successes: 3, trials: 7 },
      molecules: [{ name: "colchicine", smiles: "C" }],
      missing: [],
      reading: {
        molecules: [{ name: "colchicine", smiles: "C" }],
        unresolvedDrugs: [],
        ignoredInterventions: [],
        diseases: [],
        unresolvedConditions: [],
        inclusion: ["Adults"],
        exclusion: [],
        tokens: 7,
      },
      usedIn: [],
      ...prediction,
    },
  };
}

export interface Place {
  /** The URL of a new, empty database. */
  newUrl(): Promise<string>;
  /** Where it is PostgreSQL. */
  readonly server: TestServer | undefined;
}

/** Declares a test for either kind of database, both really running; without PostgreSQL its half is skipped. */
export function onBoth(name: string, run: (place: Place) => Promise<void>): void {
  test(`SQLite: ${name}`, () => run({ newUrl: async () => newFile(), server: undefined }));
  test(`PostgreSQL: ${name}`, needsPostgres, () =>
    run({ newUrl: () => theServer!.newDatabase(), server: theServer }),
  );
}

const bin = postgresFolder();
export const needsPostgres = {
  skip: bin === undefined && "PostgreSQL absent: apt-get install postgresql",
};
let theServer: TestServer | undefined;
export const testServer = (): TestServer => theServer!;

/** Calls whatever needs it before and after the tests of a file. */
export function servesTests(): void {
  before(async () => {
    if (bin !== undefined) theServer = await startPostgres(bin);
  });
  after(async () => {
    await theServer?.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
}

const folders: string[] = [];

/** The path of a file in a new folder that is not there yet. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-history-"));
  folders.push(folder);
  return join(folder, "kept", "history.sqlite");
}
