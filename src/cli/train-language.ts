import type { Command } from "commander";
import type { LANGUAGE_DEFAULTS, LanguageOptions, trainLanguage } from "../training/language.js";
import {
  addExamples,
  addProcessorOptions,
  addRunOptions,
  count,
  multipleOf,
  positive,
  seed,
} from "./option.js";

// The compiler holds them equal to the training's own, which --help need not load.
const DEFAULTS: typeof LANGUAGE_DEFAULTS = {
  seed: 1,
  device: "cpu",
  threads: 2,
  vocabulary: 8192,
  width: 256,
  blocks: 6,
  context: 256,
  batch: 8,
  epochs: 4,
  learningRate: 1.5e-3,
};

/** `cladmop train language`: the embedded encoder, from eligibility criteria. */
export function addTrainLanguage(program: Command): void {
  const command = program
    .command("train")
    .description("Train an encoder.")
    .command("language")
    .description(
      "Train the language encoder, a small causal model in BioGPT's architecture, on eligibility criteria.",
    )
    .argument("<texts>", "NDJSON (also .gz) with nctId and eligibilityCriteria on each line");
  addRunOptions(addProcessorOptions(command, DEFAULTS.threads))
    .option("--vocabulary <n>", "tokens of the tokenizer", count, DEFAULTS.vocabulary)
    .option("--width <n>", "width of the hidden states", multipleOf(64), DEFAULTS.width)
    .option("--blocks <n>", "transformer blocks", count, DEFAULTS.blocks)
    .option("--context <n>", "tokens the model sees at once", count, DEFAULTS.context)
    .option("--batch <n>", "windows of a training step", count, DEFAULTS.batch)
    .option("--epochs <n>", "passes over the texts", positive, DEFAULTS.epochs)
    .option("--learning-rate <x>", "its peak", positive, DEFAULTS.learningRate)
    .option("--seed <n>", "start of every random draw", seed, DEFAULTS.seed)
    .action(async (texts: string, options: Omit<LanguageOptions, "texts">) => {
      const { inThread } = await import("./in-thread.js");
      const { encoder, step, tokens, perplexity } = await inThread<typeof trainLanguage>(
        new URL("../training/language.js", import.meta.url),
        "trainLanguage",
        { ...options, texts },
      );
      const { model, unigram, trigram } = perplexity;
      console.log(
        `${encoder}: trained on ${tokens.training} tokens, best after step ${step}\n` +
          `perplexity on ${tokens.heldOut} tokens of held-out trials: ${model.toFixed(1)} ` +
          `(unigram model ${unigram.toFixed(1)}, 3-gram model ${trigram.toFixed(1)})`,
      );
    });
  addExamples(command, {
    "cladmop train language criteria.ndjson.gz --out runs/language": "with the shipped settings",
    "cladmop train language criteria.ndjson.gz --out runs/language --resume":
      "go on after a kill or Ctrl-C",
    "cladmop train language criteria.ndjson.gz --out runs/small --width 128 --blocks 4 --epochs 1":
      "a smaller one, in minutes",
  });
}
