import { join } from "node:path";
import type { Command } from "commander";
import type { LlmOptions } from "../baseline/zero-shot/index.js";
import type { benchmark } from "../benchmark/run.js";
import type { Processor } from "../graph/processor.js";
import type { compareMethods } from "../report/compare.js";
import type { writeReport } from "../report/report.js";
import {
  addCacheOptions,
  addExamples,
  addProcessorOptions,
  count,
  offlineOption,
  prices,
  queueOption,
  skipInvalidOption,
} from "./option.js";

interface Options extends Processor {
  readonly out: string;
  readonly jobs: number;
  readonly only: readonly string[];
  readonly compare?: readonly string[];
  readonly json: boolean;
  readonly llmUrl?: string;
  readonly llmModel?: string;
  readonly llmPrices?: NonNullable<LlmOptions["prices"]>;
  readonly skipInvalid: boolean;
  readonly offline: boolean;
  readonly cache: string;
  readonly cacheLimit: number;
  readonly queue?: string;
}

/** `cladmop benchmark`: a declared grid of methods on data sets, with its report. */
export function addBenchmark(program: Command): void {
  const command = program
    .command("benchmark")
    .description(
      "Run a declared grid of methods, data sets and seeds, and write its report. " +
        "What is finished is kept: run it again to go on.",
    )
    .argument("<config.yaml>", "the grid, such as benchmarks/top.yaml")
    .option("--out <dir>", "folder of the results and the report", "runs/benchmark")
    .option("--jobs <n>", "cells that run at the same time", count, 2)
    .option("--only <names...>", "run only these tasks, data sets or methods now", [])
    .option("--compare <methods...>", "run nothing: test two methods pairwise on what is finished")
    .option("--json", "print one JSON object instead of tables", false)
    .option(
      "--llm-url <url>",
      "OpenAI-compatible endpoint of the method llm: criteria are sent there; it, model and prices are noted in --out for runs without them",
    )
    .option("--llm-model <name>", "the model to ask there; its key is taken from OPENAI_API_KEY")
    .option(
      "--llm-prices <prompt,answer>",
      "what a million tokens cost, of prompts and of answers, such as 0.5,1.5: the report tells the cost of what runs now",
      prices,
    );
  command.addOption(skipInvalidOption("--out")).addOption(offlineOption());
  command.addOption(
    queueOption(
      "run the grid on the workers at this queue; --out, --cache and all files are where every machine has them under the same path:",
    ),
  );
  addProcessorOptions(addCacheOptions(command), 1, "of each cell").action(
    (file: string, options: Options) =>
      // Hidden states that other machines must see are not kept where this one happens to be.
      runGrid(
        file,
        options.queue !== undefined && command.getOptionValueSource("cache") === "default"
          ? { ...options, cache: join(options.out, "cache") }
          : options,
      ),
  );
  addExamples(command, {
    "cladmop benchmark benchmarks/top.yaml": "everything",
    "cladmop benchmark benchmarks/top.yaml --only phase-1 zero-shot few-shot":
      "two of the tasks on one data set",
    "cladmop benchmark /mnt/shared/top.yaml --out /mnt/shared/results --queue redis://10.0.0.5":
      "on the machines that run cladmop worker",
    "cladmop benchmark benchmarks/top.yaml --compare cladmop tf-idf-words":
      "whether two methods differ by more than noise",
  });
}

async function runGrid(file: string, options: Options): Promise<void> {
  const { out, json, compare, llmUrl, llmModel, llmPrices, ...settings } = options;
  const { InputError } = await import("../base/error.js");
  const { inThread } = await import("./in-thread.js");
  const { printComparisons, printResults } = await import("./benchmark-results.js");
  if (compare) {
    if (settings.only.length > 0)
      throw new InputError("is given with --compare, which tests all that is finished", {
        field: "--only",
        remedy: "Leave it out",
      });
    const [first, second, ...more] = compare;
    if (first === undefined || second === undefined || more.length > 0 || first === second)
      throw new InputError(`names ${new Set(compare).size} different methods`, {
        field: "--compare",
        remedy: "Name two, such as --compare cladmop tf-idf-words",
      });
    const compareModule = new URL("../report/compare.js", import.meta.url);
    const asked = { folder: out, first, second };
    printComparisons(
      await inThread<typeof compareMethods>(compareModule, "compareMethods", asked),
      { json },
    );
    return;
  }
  if ((llmUrl === undefined) !== (llmModel === undefined))
    throw new InputError("is given without the other", {
      field: llmUrl === undefined ? "--llm-model" : "--llm-url",
      remedy: "Give both --llm-url and --llm-model",
    });
  if (llmPrices && !llmUrl)
    throw new InputError("is given without an endpoint", {
      field: "--llm-prices",
      remedy: "Give --llm-url and --llm-model, too",
    });
  const { LLM_DEFAULTS } = await import("../baseline/zero-shot/index.js");
  const llm =
    llmUrl && llmModel
      ? { ...LLM_DEFAULTS, url: llmUrl, model: llmModel, prices: llmPrices }
      : undefined;
  const { nameOf } = await import("../benchmark/grid.js");
  const { cells, finished, computed, failures } = await inThread<typeof benchmark>(
    new URL("../benchmark/run.js", import.meta.url),
    "benchmark",
    { ...settings, file, out, llm },
  );
  if (finished > 0) {
    const page = await inThread<typeof writeReport>(
      new URL("../report/report.js", import.meta.url),
      "writeReport",
      out,
    );
    printResults(out, { json });
    process.stderr.write(`${page}: ${finished} of ${cells} cells, ${computed} of them now\n`);
  }
  for (const { task, dataset, method, settings, seed, message, log } of failures)
    process.stderr.write(
      `Failed: ${nameOf({ task, dataset, method, settings, seed })}: ${message} (${join(out, log)})\n`,
    );
  if (failures.length > 0) process.exitCode = 1;
}
