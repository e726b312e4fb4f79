import type { Command } from "commander";
import type { EncodeOptions, encodeFiles } from "../training/encode.js";
import {
  addCacheOptions,
  addExamples,
  encoderOption,
  offlineOption,
  presetOption,
  skipInvalidOption,
  threadsOption,
} from "./option.js";

/** `cladmop encode`: hidden states into the cache, ahead of the trainings that need them. */
export function addEncode(program: Command): void {
  const command = program
    .command("encode")
    .description(
      "Encode the eligibility criteria of trials into the cache of hidden states. After a stop, " +
        "the same command goes on.",
    )
    .argument(
      "<files...>",
      "trials: TOP CSV, or ClinicalTrials.gov API v2 JSON or NDJSON (also .gz)",
    )
    .addOption(encoderOption().makeOptionMandatory())
    .addOption(offlineOption())
    .addOption(presetOption())
    .addOption(skipInvalidOption("--cache"))
    .addOption(threadsOption())
    .option("--json", "print the result as JSON", false);
  addCacheOptions(command).action(
    async (
      files: string[],
      { json, ...options }: Omit<EncodeOptions, "files"> & { json: boolean },
    ) => {
      const { inThread } = await import("./in-thread.js");
      const result = await inThread<typeof encodeFiles>(
        new URL("../training/encode.js", import.meta.url),
        "encodeFiles",
        { ...options, files },
      );
      const { trials, cached, tokens, seconds } = result;
      console.log(
        json
          ? JSON.stringify(result)
          : `${trials} trials: ${cached} texts cached before, ${tokens} tokens encoded ` +
              `in ${seconds.toFixed(1)} s (${Math.round(tokens / seconds)} tokens a second)`,
      );
    },
  );
  addExamples(command, {
    "cladmop encode train.csv valid.csv --encoder runs/language/encoder":
      "what fine-tuning on these files will read",
    "cladmop encode studies.ndjson.gz --encoder runs/language/encoder --cache-limit 20":
      "records of any number, at most 20 GB of states",
    "cladmop encode train.csv --encoder owner/name@main":
      "by a published model, downloaded once into the cache that Python's huggingface_hub shares",
  });
}
