import type { Command } from "commander";
import type { PretrainOptions, pretrain } from "../training/pretrain.js";
import {
  addCacheOptions,
  addExamples,
  addProcessorOptions,
  addRunOptions,
  addVocabularyOptions,
  count,
  date,
  encoderOption,
  offlineOption,
  presetOption,
  seedOption,
  vocabularies,
} from "./option.js";

/** `cladmop pretrain`: pair matching on successful trials. */
export function addPretrain(program: Command): void {
  const command = program
    .command("pretrain")
    .description(
      "Pre-train on successful trials: which criteria match which drugs, and how successes differ from others.",
    )
    .option("--trials <files...>", "trials that succeeded: TOP CSV, API v2 JSON, an SCT", [])
    .option("--studies <files...>", "records that count as successful if a drug is approved", [])
    .option(
      "--approved <file>",
      "approved drugs, for --studies: CSV with a column smiles, or a vocabulary",
    )
    .requiredOption("--exclude <files...>", "labelled trials of every split: never trained on")
    .option("--exclude-drugs", "leave out trials that share a drug with these, too", false)
    .option("--before <date>", "only trials that started before, as YYYY-MM-DD", date)
    .addOption(encoderOption().makeOptionMandatory())
    .addOption(offlineOption())
    .addOption(presetOption())
    .option("--epochs <n>", "passes over the trials (default: the preset's)", count);
  addRunOptions(command);
  addProcessorOptions(addCacheOptions(addVocabularyOptions(command)))
    .addOption(seedOption())
    .action(async (options: PretrainOptions) => {
      const names = await vocabularies(options);
      const { inThread } = await import("./in-thread.js");
      const { folder, sct, heldOut, step } = await inThread<typeof pretrain>(
        new URL("../training/pretrain.js", import.meta.url),
        "pretrain",
        { ...options, ...names },
      );
      const share = (part: number) => `${(100 * part).toFixed(1)} %`;
      console.log(
        `${folder}: pre-trained on ${sct.trials} trials, best after step ${step}\n` +
          `held-out criteria matched to their own drugs and diseases: ${share(heldOut.accuracy)} ` +
          `(by chance ${share(heldOut.chance)})`,
      );
    });
  addExamples(command, {
    "cladmop pretrain --trials successful.csv --studies studies.ndjson.gz --approved approved.csv --exclude train.csv valid.csv test.csv --encoder runs/language/encoder --out runs/pretrain":
      "on known successes and on every study of an approved drug",
    "cladmop pretrain --trials sct/trials.ndjson.gz --drugs sct/drugs.tsv --exclude train.csv valid.csv test.csv --encoder runs/language/encoder --out runs/pretrain":
      "on what `cladmop sct build` has chosen",
    "cladmop pretrain --trials successful.csv --exclude train.csv valid.csv test.csv --exclude-drugs --before 2014-01-01 --encoder runs/language/encoder --out runs/strict":
      "nothing that tells of the test trials: neither their drugs nor later trials",
    "cladmop pretrain --trials successful.csv --exclude train.csv valid.csv test.csv --encoder owner/name --offline --out runs/published":
      "on a published language model that is in the cache",
  });
}
