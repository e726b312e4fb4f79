import type { Command } from "commander";
import type { FinetuneOptions, finetune } from "../training/finetune.js";
import type { Scores } from "../training/member.js";
import {
  addCacheOptions,
  addExamples,
  addProcessorOptions,
  addRunOptions,
  addVocabularyOptions,
  encoderOption,
  offlineOption,
  presetOption,
  seedOption,
  vocabularies,
} from "./option.js";

/** `cladmop finetune`: outcome prediction on labelled trials, calibrated on validation trials. */
export function addFinetune(program: Command): void {
  const command = program
    .command("finetune")
    .description("Fine-tune an ensemble on labelled trials, and calibrate it on validation trials.")
    .requiredOption("--train <files...>", "TOP CSV with labels; of several phases, several")
    .requiredOption("--valid <files...>", "TOP CSV with labels: stopping, threshold, temperature")
    .option("--base <dir>", "run folder of pretrain; without it, no pre-training")
    .addOption(encoderOption(" (default: the base's)"))
    .addOption(offlineOption())
    .addOption(presetOption());
  addRunOptions(command);
  addProcessorOptions(addCacheOptions(addVocabularyOptions(command)))
    .addOption(seedOption())
    .action(async (options: FinetuneOptions) => {
      const names = await vocabularies(options);
      const { inThread } = await import("./in-thread.js");
      const { model, outOfFold, validation } = await inThread<typeof finetune>(
        new URL("../training/finetune.js", import.meta.url),
        "finetune",
        { ...options, ...names },
      );
      const figures = ({ prAuc, rocAuc }: Scores) =>
        `PR-AUC ${prAuc.toFixed(3)}, ROC-AUC ${rocAuc.toFixed(3)}`;
      console.log(
        `${model}: ${figures(validation)} on validation\n` +
          `training trials, each by the members that had not seen it: ${figures(outOfFold)}`,
      );
    });
  addExamples(command, {
    "cladmop finetune --train train.csv --valid valid.csv --base runs/pretrain --out runs/finetune":
      "on a pre-trained base",
    "cladmop finetune --train train.csv --valid valid.csv --encoder runs/language/encoder --out runs/alone":
      "without pre-training, to see its worth",
    "cladmop finetune --train train.csv --valid valid.csv --encoder owner/name --out runs/published":
      "on a published language model",
  });
}
