import type { Command } from "commander";
import type { EncodeOptions, encodeFiles } from "../training/encode.js";
import {
  addCacheOptions,
  addExamples,
  addProcessorOptions,
  encoderOption,
  offlineOption,
  presetOption,
  queueOption,
  skipInvalidOption,
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
    .addOption(
      queueOption(
        "encode on the workers at this queue; --cache is a folder that every machine has under the same path, or --shared is given:",
      ),
    )
    .option(
      "--shared <bucket>",
      "s3://bucket/prefix through which the workers send what they encode",
    )
    .option("--json", "print the result as JSON", false);
  addCacheOptions(addProcessorOptions(command)).action(
    async (
      files: string[],
      { json, ...options }: Omit<EncodeOptions, "files" | "jobs"> & { json: boolean },
    ) => {
      const { InputError } = await import("../base/error.js");
      const { isBucket } = await import("../jobs/blobs.js");
      if (
        options.shared !== undefined &&
        (!isBucket(options.shared) || options.queue === undefined)
      )
        throw new InputError(`is of no use: ${options.shared}`, {
          field: "--shared",
          remedy: "Give s3://bucket/prefix with --queue, or a shared folder as --cache",
        });
      const { inThread } = await import("./in-thread.js");
      const result = await inThread<typeof encodeFiles>(
        new URL("../training/encode.js", import.meta.url),
        "encodeFiles",
        { ...options, jobs: 1, files },
      );
      const { trials, cached, tokens, seconds, failures } = result;
      console.log(
        json
          ? JSON.stringify(result)
          : `${trials} trials: ${cached} texts cached before, ${tokens} tokens encoded ` +
              `in ${seconds.toFixed(1)} s (${Math.round(tokens / seconds)} tokens a second)`,
      );
      for (const failure of failures) process.stderr.write(`Failed: ${failure}\n`);
      if (failures.length > 0) process.exitCode = 1;
    },
  );
  addExamples(command, {
    "cladmop encode train.csv valid.csv --encoder runs/language/encoder":
      "what fine-tuning on these files will read",
    "cladmop encode studies.ndjson.gz --encoder runs/language/encoder --cache-limit 20":
      "records of any number, at most 20 GB of states",
    "cladmop encode studies.ndjson.gz --encoder microsoft/biogpt --cache /mnt/shared/states --queue redis://10.0.0.5":
      "on the machines that run cladmop worker",
    "cladmop encode train.csv --encoder owner/name@main":
      "by a published model, downloaded once into the cache that Python's huggingface_hub shares",
  });
}
