import { type Command, Help, InvalidArgumentError, Option } from "commander";
import type { Device } from "../graph/processor.js";

/** A number from `least` on; whole unless `fraction`. */
function number(least: number, { fraction = false } = {}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = text.trim() !== "" && value >= least && Number.isFinite(value);
    if (!fits || !(fraction || Number.isSafeInteger(value)))
      throw new InvalidArgumentError(
        `Give a ${fraction ? "" : "whole "}number of at least ${least}.`,
      );
    return value;
  };
}

export const count = number(1);
export const seed = number(0);

/** A number above 0. */
export function positive(text: string): number {
  const value = number(0, { fraction: true })(text);
  if (value === 0) throw new InvalidArgumentError("Give a number above 0.");
  return value;
}

/** Two numbers from 0 on, of prompts and of answers. */
export function prices(text: string): { prompt: number; completion: number } {
  const [prompt, completion, ...more] = text.split(",").map(number(0, { fraction: true }));
  if (prompt === undefined || completion === undefined || more.length > 0)
    throw new InvalidArgumentError("Give two prices, such as 0.5,1.5.");
  return { prompt, completion };
}

export function multipleOf(unit: number): (text: string) => number {
  return (text) => {
    const value = count(text);
    if (value % unit !== 0) throw new InvalidArgumentError(`Give a multiple of ${unit}.`);
    return value;
  };
}

export function date(text: string): string {
  const day = new Date(`${text}T00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || !day.toJSON()?.startsWith(text))
    throw new InvalidArgumentError("Give a date as YYYY-MM-DD.");
  return text;
}

/** What the options of {@link addProcessorOptions} are to the code that computes. */
export function addProcessorOptions(
  command: Command,
  threads = 2,
  what = "to compute on",
): Command {
  return command
    .option("--threads <n>", `processor cores ${what}`, count, threads)
    .addOption(
      new Option("--device <name>", "what computes: the processor, or a graphics card")
        .choices(["cpu", "webgpu", "cuda"] satisfies readonly Device[])
        .default("cpu" satisfies Device),
    );
}

export const seedOption = (): Option =>
  new Option("--seed <n>", "start of every random draw").argParser(seed).default(1);

export const presetOption = (): Option =>
  new Option("--preset <name>", "settings: ours, or as the paper has them")
    .choices(["default", "paper"])
    .default("default");

/** Whether bad rows stop the job, as they do by default, or are listed in a folder of its own. */
export const skipInvalidOption = (folder: string): Option =>
  new Option(
    "--skip-invalid",
    `list bad rows in invalid.ndjson of ${folder} and go on without`,
  ).default(false);

/**
 * What every training takes: the folder of the run, and whether to go on with it.
 * The action throws InputError if there is none to go on with.
 */
export function addRunOptions(command: Command): Command {
  return command
    .requiredOption("--out <dir>", "folder of the run: configuration, metrics, checkpoints, result")
    .option("--resume", "go on with the run in --out, to the same result bit by bit", false)
    .addOption(skipInvalidOption("--out"))
    .hook("preAction", async () => {
      const { out, resume } = command.opts<{ out: string; resume: boolean }>();
      if (!resume) return;
      const { RunFolder } = await import("../training/run-folder.js");
      RunFolder.refuseNone(out);
    });
}

/** What {@link encoderOption} names. */
const ENCODER =
  "language encoder: a folder, or owner/name (or owner/name@revision) on Hugging Face";

export const encoderOption = (otherwise = ""): Option =>
  new Option("--encoder <name>", `${ENCODER}${otherwise}`);

export const offlineOption = (): Option =>
  new Option("--offline", "download nothing: an encoder's name means what is cached").default(
    false,
  );

/** Where the encoder's hidden states are kept, so that each text is encoded once. */
export function addCacheOptions(command: Command): Command {
  return command
    .option("--cache <dir>", "folder of the cached hidden states", ".cladmop/cache")
    .option("--cache-limit <GB>", "size the cache may take", positive, 10);
}

/** Where a command's jobs run instead of this process. */
export const queueOption = (what: string): Option =>
  new Option("--queue <url>", `${what} redis://user:password@host:6379`);

/** The vocabularies that turn the names of a trial into molecules and disease codes. */
export function addVocabularyOptions(command: Command): Command {
  return command
    .option("--drugs <file>", "drug names and SMILES (default: the shipped vocabulary)")
    .option("--conditions <file>", "condition names and ICD-10 codes (default: the shipped ones)");
}

/** The files of {@link addVocabularyOptions}, the shipped ones where none was given. */
export async function vocabularies(given: {
  readonly drugs?: string;
  readonly conditions?: string;
}): Promise<{ drugs: string; conditions: string }> {
  const { SHIPPED_VOCABULARY } = await import("../drug/vocabulary.js");
  const { SHIPPED_CONDITIONS } = await import("../disease/vocabulary.js");
  return {
    drugs: given.drugs ?? SHIPPED_VOCABULARY,
    conditions: given.conditions ?? SHIPPED_CONDITIONS,
  };
}

/** An option's text in --help: a default is shown where it says something. */
export function optionDescription(option: Option): string {
  const { flags, description, defaultValue } = option;
  const absent = defaultValue === false || (Array.isArray(defaultValue) && !defaultValue.length);
  return new Help().optionDescription(absent ? new Option(flags, description) : option);
}

/** Examples below a command's options, each with what it does. */
export function addExamples(command: Command, examples: Readonly<Record<string, string>>): Command {
  const lines = Object.entries(examples).map(([line, what]) => `  # ${what}\n  $ ${line}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
