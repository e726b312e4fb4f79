import type { Command } from "commander";
import type { FinetuneOptions, finetune } from "../training/finetune.js";
import {
  addCacheOptions,
  addExamples,
  addRunOptions,
  addVocabularyOptions,
  presetOption,
  seed,
  several,
  threadsOption,
  vocabularies,
} from "./option.js";

/** `cladmop finetune`: outcome prediction on labelled trials, calibrated on validation trials. */
export function addFinetune(program: Command): void {
  const command = program
    .command("finetune")
    .description("Fine-tune on labelled trials, and calibrate on validation trials.")
    .requiredOption("--train <file>", "TOP CSV with labels")
    .requiredOption("--valid <file>", "TOP CSV with labels: stopping, threshold, temperature")
    .option("--base <dir>", "run folder of pretrain; without it, no pre-training")
    .option("--encoder <dir>", "folder of the language encoder; needed without --base only")
    .addOption(presetOption())
    .option(
      "--seed <n...>",
      "one model a seed; all of them are one ensemble (default: 1 2 3 4 5)",
      several(seed),
    );
  addRunOptions(command);
  addCacheOptions(addVocabularyOptions(command))
    .addOption(threadsOption())
    .action(async ({ seed = [1, 2, 3, 4, 5], ...options }: Given) => {
      if (options.base === undefined && options.encoder === undefined)
        command.error("error: neither '--base <dir>' nor '--encoder <dir>' was given");
      const names = await vocabularies(options);
      const { inThread } = await import("./in-thread.js");
      const { model, members, ensemble } = await inThread<typeof finetune>(
        new URL("../training/finetune.js", import.meta.url),
        "finetune",
        { ...options, ...names, seeds: seed },
      );
      const line = (who: string, { prAuc, rocAuc }: typeof ensemble) =>
        `${who}: PR-AUC ${prAuc.toFixed(3)}, ROC-AUC ${rocAuc.toFixed(3)} on validation`;
      for (const member of members) console.log(line(`seed ${member.seed}`, member));
      console.log(line(`${model} (all ${members.length})`, ensemble));
    });
  addExamples(command, {
    "cladmop finetune --train train.csv --valid valid.csv --base runs/pretrain --out runs/finetune":
      "an ensemble of five",
    "cladmop finetune --train train.csv --valid valid.csv --encoder runs/language/encoder --out runs/alone --seed 1":
      "one model, without pre-training",
  });
}

type Given = Omit<FinetuneOptions, "seeds"> & { readonly seed?: number[] };
