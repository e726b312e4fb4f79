import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { Processor } from "../graph/processor.js";
import type { TrialRecord } from "../trial/record.js";
import { addProcessorOptions } from "./option.js";

/** What the commands take that ask a model about trials. */
export interface InputOptions extends Processor {
  readonly model?: string;
  readonly drugs?: string;
  readonly skipInvalid: boolean;
  readonly invalid?: string;
}

export function addInputOptions(command: Command): Command {
  command
    .option("--model <dir>", "folder of the model (default: the shipped one)")
    .option("--drugs <file>", "drug names and SMILES (default: the shipped vocabulary)")
    .option("--skip-invalid", "list bad rows in <input>.invalid.ndjson and go on without", false)
    .addOption(
      new Option(
        "--invalid <file>",
        "go on without bad rows, too, and list those of all inputs in this file",
      ).implies({
        skipInvalid: true,
      }),
    );
  return addProcessorOptions(command);
}

/**
 * The trials of all inputs in their order. With `skipInvalid`, the bad rows of each input are listed in a
 * file beside it, or those of all in the given one: one JSON object a line, and a warning names it.
 * @throws InputError as readTrials does, or if the list cannot be written or would replace an input
 */
export async function readInputs(
  inputs: readonly string[],
  { skipInvalid, invalid: file, drugs }: InputOptions,
  { requireLabel = false } = {},
): Promise<TrialRecord[]> {
  const { readTrials } = await import("../trial/read.js");
  const { InputError } = await import("../base/error.js");
  const sources = [...inputs, ...(drugs ? [drugs] : [])].map((path) => resolve(path));
  if (file !== undefined && sources.includes(resolve(file)))
    throw new InputError("is read, and would be replaced by the list of bad rows", {
      file,
      field: "--invalid",
      remedy: "Name another file for the list",
    });
  const read = inputs.map((input) => readTrials(input, { skipInvalid, requireLabel }));
  const bad = read.flatMap(({ invalid }) => invalid);
  const { writeInvalidList } = await import("../trial/invalid-list.js");
  const lists =
    file === undefined
      ? inputs.map((input, i) => ({ list: invalidFileOf(input), rows: read[i]!.invalid }))
      : [{ list: file, rows: bad }];
  for (const { list, rows } of lists)
    if (rows.length > 0) process.stderr.write(`${writeInvalidList(list, rows)}\n`);
  const records = read.flatMap(({ records }) => records);
  if (records.length === 0)
    throw new InputError(bad.length > 0 ? "holds no valid trial" : "holds no trial", {
      file: inputs.join(", "),
      remedy: "Give at least one",
    });
  return records;
}

function invalidFileOf(input: string): string {
  return `${input === "-" ? "standard-input" : input.replace(/\/+$/, "")}.invalid.ndjson`;
}
