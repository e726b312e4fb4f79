import type { Command } from "commander";
import type { BuildOptions, buildSct } from "../sct/build.js";
import type { FetchOptions, fetchStudies } from "../sct/fetch.js";
import { addExamples, date, skipInvalidOption } from "./option.js";

/** The registry's API; where its queries are explained: clinicaltrials.gov/data-api/api. */
const API = "https://clinicaltrials.gov/api/v2/studies";
/** Interventional studies of a drug or a biological. */
const QUERY = "AREA[StudyType]INTERVENTIONAL AND AREA[InterventionType](DRUG OR BIOLOGICAL)";

/** `cladmop sct`: Successful Clinical Trials, the data of pre-training. */
export function addSct(program: Command): void {
  const command = program
    .command("sct")
    .description(
      "Successful Clinical Trials, the data of pre-training: fetch records, choose trials.",
    );
  addFetch(command);
  addBuild(command);
}

function addFetch(parent: Command): void {
  const command = parent
    .command("fetch")
    .description("Download the records of ClinicalTrials.gov, politely: 40 pages a minute at most.")
    .requiredOption("--out <file>", "NDJSON to write, a study a line; compressed if it ends in .gz")
    .option("--query <expression>", "which studies, as the API's filter.advanced", QUERY)
    .option("--url <url>", "the API's address", API)
    .option("--resume", "go on with the unfinished download beside --out", false)
    .option("--json", "print the result as JSON", false)
    .action(async ({ json, ...options }: FetchOptions & { json: boolean }) => {
      const { inThread } = await import("./in-thread.js");
      const result = await inThread<typeof fetchStudies>(
        new URL("../sct/fetch.js", import.meta.url),
        "fetchStudies",
        options,
      );
      console.log(json ? JSON.stringify(result) : `${result.file}: ${result.studies} studies`);
    });
  addExamples(command, {
    "cladmop sct fetch --out studies.ndjson.gz":
      "every interventional study of a drug or biological",
    "cladmop sct fetch --out studies.ndjson.gz --resume": "go on after Ctrl-C or a lost network",
    'cladmop sct fetch --out phase-3.ndjson.gz --query "AREA[Phase]PHASE3"': "phase III alone",
  });
}

function addBuild(parent: Command): void {
  const command = parent
    .command("build")
    .description("Choose successful trials from records, and write them with a data card.")
    .option("--studies <files...>", "records that count as successful if a drug is approved", [])
    .option("--trials <files...>", "trials that succeeded: TOP CSV or API v2 JSON", [])
    .option(
      "--aact <url>",
      "records of an AACT database: postgres://user@host:5432/aact (PGPASSWORD)",
    )
    .requiredOption("--drugs <file>", "approved drugs: CSV with name and smiles, or a vocabulary")
    .option("--synonyms <file>", "JSON of further names by the CSV's drugbank_id")
    .option("--conditions <file>", "condition names and ICD-10 codes (default: the shipped ones)")
    .option("--exclude <files...>", "labelled trials of every split: never chosen", [])
    .option("--exclude-drugs", "leave out trials that share a drug with these, too", false)
    .option("--before <date>", "only trials that started before, as YYYY-MM-DD", date)
    .requiredOption("--out <dir>", "folder for trials.ndjson.gz, drugs.tsv, card.json and card.md")
    .addOption(skipInvalidOption("--out"))
    .option("--json", "print the data card as JSON", false)
    .action(async ({ json, ...options }: BuildOptions & { json: boolean }) => {
      const { SHIPPED_CONDITIONS } = await import("../disease/vocabulary.js");
      const { describeCard } = await import("../sct/card.js");
      const { inThread } = await import("./in-thread.js");
      const { folder, card } = await inThread<typeof buildSct>(
        new URL("../sct/build.js", import.meta.url),
        "buildSct",
        { ...options, conditions: options.conditions ?? SHIPPED_CONDITIONS },
      );
      console.log(json ? JSON.stringify(card) : `${folder}: ${describeCard(card)}`);
    });
  addExamples(command, {
    "cladmop sct build --studies studies.ndjson.gz --drugs approved.csv --exclude train.csv valid.csv test.csv --skip-invalid --out sct":
      "studies of approved drugs, without the labelled trials",
    "cladmop sct build --aact postgres://reader@localhost:5432/aact --drugs approved.csv --synonyms aliases.json --exclude test.csv --exclude-drugs --before 2014-01-01 --out sct":
      "from a database; nothing that tells of the test trials",
  });
}
