import { CsvError, parse } from "csv-parse/sync";
import { InputError } from "../base/error.js";
import { nctIdOf } from "./nct-id.js";
import { parsePythonLiteral } from "./python-literal.js";
import type { Outcome, Phase, TrialRecord } from "./record.js";

const PHASE_OF: Readonly<Record<string, Phase>> = {
  "early phase 1": "early 1",
  "phase 1": "1",
  "phase 1/phase 2": "1/2",
  "phase 2": "2",
  "phase 2/phase 3": "2/3",
  "phase 3": "3",
  "phase 4": "4",
  "not applicable": "not applicable",
};

/** Columns that describe the trial. */
const COLUMNS = ["nctid", "phase", "diseases", "icdcodes", "drugs", "criteria"];

/** Columns that no model reads. */
const OPTIONAL_COLUMNS = ["smiless", "status", "why_stop", "label"];

type Row = (column: string) => string | undefined;

/**
 * Reads a CSV in the format of the TOP benchmark (Fu et al., HINT, 2022): a header, then a trial a
 * row, whose lists are Python literals. TOP does not say what kind its interventions are and calls
 * all of them drugs, placebo included; they become interventions of type "DRUG".
 * @param text the file's content
 * @param file its name, for messages
 * @yields a record for every good row and an InputError for every bad one
 * @throws InputError if the header is incomplete
 */
export function* parseTop(
  text: string,
  file: string,
  { requireLabel = false } = {},
): Generator<TrialRecord | InputError> {
  const [header, ...rows] = csvRows(text);
  if (!Array.isArray(header)) {
    throw new InputError("has no header row", { file, remedy: "Start with TOP's header" });
  }
  const needed = requireLabel ? [...COLUMNS, "label"] : COLUMNS;
  const missing = needed.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new InputError(`lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}`, {
      file,
      remedy: `Give a CSV with the columns ${needed.join(", ")}`,
    });
  }

  for (const [index, row] of rows.entries()) {
    const source = { file, row: index + 1 };
    try {
      if (!Array.isArray(row)) {
        throw new InputError(
          `is malformed CSV: ${row.code === "CSV_QUOTE_NOT_CLOSED" ? "a quote is not closed" : "a quote stands inside a field"}`,
          {
            remedy: "Quote fields that hold commas, quotes or line breaks, and double inner quotes",
          },
        );
      }
      if (row.length !== header.length) {
        throw new InputError(`has ${row.length} fields where the header has ${header.length}`, {
          remedy: "Quote fields that hold commas or line breaks",
        });
      }
      yield toRecord((column) => row[header.indexOf(column)], source, requireLabel);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      yield error.at(source);
    }
  }
}

/**
 * What the rows of a CSV say in columns that are no part of TOP's format, so that no record holds it: by
 * row, counted as {@link parseTop} counts, and by column.
 */
export function otherFields(text: string): Map<number, Record<string, string>> {
  const [header, ...rows] = csvRows(text);
  if (!Array.isArray(header)) return new Map();
  const known = [...COLUMNS, ...OPTIONAL_COLUMNS];
  const others = [...header.entries()].filter(([, column]) => !known.includes(column));
  const entries = rows.flatMap((row, index): [number, Record<string, string>][] =>
    Array.isArray(row)
      ? [[index + 1, Object.fromEntries(others.map(([i, column]) => [column, row[i] ?? ""]))]]
      : [],
  );
  return new Map(entries);
}

/**
 * All rows in order; a malformed one is given as its error. A stray quote hides where its row ends,
 * so reading resumes at the next line that begins with an NCT id.
 */
function csvRows(text: string): (string[] | CsvError)[] {
  const rows: (string[] | CsvError)[] = [];
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; ) {
    let end = start; // of the last whole row
    try {
      parse(bytes.subarray(start), {
        bom: true,
        relax_column_count: true,
        skip_empty_lines: true,
        on_record: (record: string[], { bytes }) => {
          rows.push(record);
          end = start + bytes;
          return null;
        },
      });
      break;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      rows.push(error);
      const next = ["\nNCT", '\n"NCT', "\nnct", '\n"nct']
        .map((line) => bytes.indexOf(line, end + 1))
        .filter((place) => place >= 0);
      start = next.length > 0 ? Math.min(...next) + 1 : bytes.length;
    }
  }
  return rows;
}

function toRecord(row: Row, source: TrialRecord["source"], requireLabel: boolean): TrialRecord {
  return {
    trial: {
      nctId: nctIdOf(filled(row, "nctid")),
      phase: phaseOf(filled(row, "phase")),
      conditions: stringList(row, "diseases"),
      icd10: stringList(row, "icdcodes").map((codes) => strings(codes, "icdcodes")),
      interventions: stringList(row, "drugs").map((name) => ({
        type: "DRUG",
        name,
        otherNames: [],
      })),
      givenSmiles: strings(row("smiless") || "[]", "smiless"),
      eligibilityCriteria: filled(row, "criteria"),
    },
    outcome: outcomeOf(row, requireLabel),
    source,
  };
}

function outcomeOf(row: Row, requireLabel: boolean): Outcome {
  const label = row("label")?.trim();
  const status = row("status")?.trim();
  const whyStopped = row("why_stop")?.trim();
  if ((label || requireLabel) && label !== "0" && label !== "1") {
    throw new InputError(`is "${label}"`, {
      field: "label",
      remedy: "Use 1 for success and 0 for failure",
    });
  }
  return {
    ...(label && { label: label === "1" ? 1 : 0 }),
    ...(status && { status }),
    ...(whyStopped && { whyStopped }),
  };
}

function phaseOf(text: string): Phase {
  const phase = PHASE_OF[text.toLowerCase()];
  if (phase === undefined) {
    throw new InputError(`is unknown: "${text}"`, {
      field: "phase",
      remedy: `Use one of ${Object.keys(PHASE_OF).join(", ")}`,
    });
  }
  return phase;
}

function filled(row: Row, field: string): string {
  const text = row(field)?.trim();
  if (!text) throw new InputError("is empty", { field, remedy: "Fill it in or remove the row" });
  return text;
}

function stringList(row: Row, field: string): string[] {
  return strings(row(field) ?? "", field);
}

function strings(text: string, field: string): string[] {
  const list = locate(field, () => parsePythonLiteral(text));
  if (!Array.isArray(list) || !list.every((item) => typeof item === "string")) {
    throw new InputError("is not a list of strings", {
      field,
      remedy: "Write it as Python prints it, for example ['a', 'b'], or [] for none",
    });
  }
  return list;
}

function locate<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof InputError ? error.at({ field }) : error;
  }
}
