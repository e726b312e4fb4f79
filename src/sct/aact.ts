import pg from "pg";
import { InputError } from "../base/error.js";
import { postgresFault, postgresPlace } from "../base/postgres.js";
import { NoCriteria, parseStudy, type StreamedTrial, type TrialRecord } from "../trial/index.js";

/** What is read of AACT's schema `ctgov` (aact.ctti-clinicaltrials.org/schema). */
const COLUMNS = {
  studies: ["nct_id", "phase", "overall_status", "why_stopped", "start_date", "completion_date"],
  eligibilities: ["nct_id", "criteria"],
  conditions: ["id", "nct_id", "name"],
  interventions: ["id", "nct_id", "intervention_type", "name"],
  intervention_other_names: ["id", "intervention_id", "name"],
} as const;

const PAGE = `
  select s.nct_id, s.phase, s.overall_status, s.why_stopped,
    s.start_date::text, s.completion_date::text,
    (select e.criteria from ctgov.eligibilities e where e.nct_id = s.nct_id limit 1) as criteria,
    (select coalesce(json_agg(c.name order by c.id), '[]')
      from ctgov.conditions c where c.nct_id = s.nct_id) as conditions,
    (select coalesce(json_agg(json_build_object(
        'type', i.intervention_type, 'name', i.name, 'otherNames',
        (select coalesce(json_agg(o.name order by o.id), '[]')
          from ctgov.intervention_other_names o where o.intervention_id = i.id)
      ) order by i.id), '[]')
      from ctgov.interventions i where i.nct_id = s.nct_id) as interventions
  from ctgov.studies s where s.nct_id > $1 order by s.nct_id limit $2`;

interface Row {
  readonly nct_id: string;
  readonly phase: string | null;
  readonly overall_status: string | null;
  readonly why_stopped: string | null;
  readonly start_date: string | null;
  readonly completion_date: string | null;
  readonly criteria: string | null;
  readonly conditions: readonly string[];
  readonly interventions: readonly { type: string; name: string; otherNames: string[] }[];
}

/**
 * The studies of an AACT database, in the order of their NCT ids, read a page at a time from one
 * snapshot. A study becomes a record by way of the API's form, through {@link parseStudy}.
 * @param url postgres://user@host:port/database; a password may come from PGPASSWORD or ~/.pgpass
 * @yields a record for every good study and an InputError for every bad one
 * @throws InputError naming host, table or column, never the password, if the database cannot be read
 */
export async function* readAact(url: string, pageSize = 500): AsyncGenerator<StreamedTrial> {
  const place = postgresPlace(url, "--aact");
  const file = place.name;
  const client = new pg.Client({ ...place.config, connectionTimeoutMillis: 30_000 });
  // A connection lost between two queries is told here, and again by the next query.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("begin transaction isolation level repeatable read read only");
    await checkColumns(client, file);
    const counted = await client.query<{ n: number }>("select count(*)::int n from ctgov.studies");
    const total = counted.rows[0]!.n;
    let row = 0;
    for (let last = ""; ; ) {
      const { rows } = await client.query<Row>(PAGE, [last, pageSize]);
      for (const study of rows) {
        row++;
        yield { entry: recordOf(study, { file, row }), share: row / total };
      }
      if (rows.length < pageSize) return;
      last = rows.at(-1)!.nct_id;
    }
  } catch (error) {
    throw postgresFault(error, place);
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}

/** The database as it is named on the data card: without user and password. */
export function aactPlace(url: string): string {
  return postgresPlace(url, "--aact").name;
}

async function checkColumns(client: pg.Client, file: string): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'ctgov'`,
  );
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const there = rows.filter((row) => row.table === table).map(({ column }) => column);
    const missing = there.length === 0 ? "" : columns.find((column) => !there.includes(column));
    if (missing === undefined) continue;
    throw new InputError(
      missing === ""
        ? `has no table ctgov.${table} that this user may read`
        : `the table ctgov.${table} has no column ${missing} that this user may read`,
      { file, remedy: "Restore a current dump of AACT, or let the user select from schema ctgov" },
    );
  }
}

/** Fields of the API's form by the column that they were made from. */
const COLUMN_OF = {
  "protocolSection.identificationModule": "ctgov.studies.nct_id",
  "protocolSection.designModule": "ctgov.studies.phase",
  "protocolSection.conditionsModule": "ctgov.conditions.name",
  "protocolSection.armsInterventionsModule": "ctgov.interventions",
};

function recordOf(row: Row, source: TrialRecord["source"]): TrialRecord | InputError {
  try {
    return parseStudy(studyOf(row), source);
  } catch (error) {
    if (error instanceof NoCriteria) return error;
    if (!(error instanceof InputError)) throw error;
    const { field = "" } = error.location;
    const [, column] = Object.entries(COLUMN_OF).find(([part]) => field.startsWith(part)) ?? [];
    return new InputError(error.problem, {
      ...source,
      field: `${column ?? field} of ${row.nct_id}`,
      remedy: "Mend it in the database",
    });
  }
}

/** A study in the form of the ClinicalTrials.gov API v2, from a row of AACT, old values or new. */
function studyOf(row: Row): unknown {
  return {
    protocolSection: {
      identificationModule: { nctId: row.nct_id },
      statusModule: {
        overallStatus: row.overall_status === null ? undefined : constant(row.overall_status),
        whyStopped: row.why_stopped ?? undefined,
        startDateStruct: { date: row.start_date ?? undefined },
        completionDateStruct: { date: row.completion_date ?? undefined },
      },
      conditionsModule: { conditions: row.conditions },
      designModule: { phases: phasesOf(row.phase) },
      armsInterventionsModule: {
        interventions: row.interventions.map(({ type, ...names }) => ({
          type: type && constant(type),
          ...names,
        })),
      },
      eligibilityModule: { eligibilityCriteria: row.criteria ?? "" },
    },
  };
}

/** "PHASE1/PHASE2" and, in older dumps, "Phase 1/Phase 2", "Early Phase 1", "N/A", "Not Applicable". */
function phasesOf(phase: string | null): string[] {
  if (phase === null) return [];
  if (/^(n\/?a|not applicable)$/i.test(phase)) return ["NA"];
  return phase.split("/").map((part) => constant(part).replace(/PHASE_/, "PHASE"));
}

/** A value as the API writes it: "Active, not recruiting" → "ACTIVE_NOT_RECRUITING". */
const constant = (value: string): string =>
  value
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
