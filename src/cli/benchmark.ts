import type { Command } from "commander";
import type { benchmark } from "../benchmark/run.js";
import { addCacheOptions, addExamples, count } from "./option.js";

interface Options {
  readonly out: string;
  readonly jobs: number;
  readonly threads: number;
  readonly only: readonly string[];
  readonly compare?: readonly [string, string];
  readonly json: boolean;
  readonly llmUrl?: string;
  readonly llmModel?: string;
  readonly cache: string;
  readonly cacheLimit: number;
}

/** `cladmop benchmark`: a declared grid of methods on data sets, with its report. */
export function addBenchmark(program: Command): void {
  const command = program
    .command("benchmark")
    .description(
      "Run a declared grid (data sets x tasks x methods x seeds) and write its report; what is finished is kept.",
    )
    .argument("<config.yaml>", "the grid, such as benchmarks/top.yaml")
    .option("--out <dir>", "folder of the results and the report", "runs/benchmark")
    .option("--jobs <n>", "cells that run at the same time", count, 2)
    .option("--threads <n>", "processor cores of each cell", count, 1)
    .option("--only <names...>", "run only these tasks, data sets or methods now", [])
    .option("--json", "print the rows of the tables as one JSON object", false)
    .option(
      "--llm-url <url>",
      "OpenAI-compatible endpoint for the method llm (criteria are sent there)",
    )
    .option("--llm-model <name>", "model to ask there");
  addCacheOptions(command).action(run);
  addExamples(command, {
    "cladmop benchmark benchmarks/top.yaml": "everything; run it again after a stop to go on",
    "cladmop benchmark benchmarks/top.yaml --only zero-shot few-shot": "two of the tasks",
    "cladmop benchmark benchmarks/top.yaml --compare cladmop tf-idf-words":
      "test two methods pairwise on what is finished",
  });
}
