#!/usr/bin/env node
/**
 * The command line: one file a command. A command imports what it runs only when it runs, so that
 * --help answers at once.
 */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addAudit } from "./audit.js";
import { addBenchmark } from "./benchmark.js";
import { addEncode } from "./encode.js";
import { addEvaluate } from "./evaluate.js";
import { exitCodeOf } from "./exit-code.js";
import { addFinetune } from "./finetune.js";
import { addIndex } from "./index-past.js";
import { optionDescription } from "./option.js";
import { addPredict } from "./predict.js";
import { addPretrain } from "./pretrain.js";
import { addQuantize } from "./quantize.js";
import { addSct } from "./sct.js";
import { addServe } from "./serve.js";
import { addToken } from "./token.js";
import { addTrainLanguage } from "./train-language.js";
import { addWorker } from "./worker.js";

const { version, description } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string; description: string };

const program = new Command("cladmop")
  .description(description)
  .version(version)
  .configureHelp({ optionDescription })
  .exitOverride()
  .showHelpAfterError("(add --help for usage and examples)");
addPredict(program);
addEvaluate(program);
addIndex(program);
addTrainLanguage(program);
addEncode(program);
addQuantize(program);
addSct(program);
addPretrain(program);
addFinetune(program);
addBenchmark(program);
addWorker(program);
addServe(program, version);
addToken(program);
addAudit(program);

// A reader that has seen enough, such as `head`, closes the pipe: no failure. A full disk is one.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : exitCodeOf(error));
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
