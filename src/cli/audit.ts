import type { Command } from "commander";
import { addExamples } from "./option.js";

/** `cladmop audit`: leaks in data sets and runs. */
export function addAudit(program: Command): void {
  const command = program
    .command("audit")
    .description(
      "Look for leaks in data sets and runs. Exit code 1 means that one was found: something that makes " +
        "figures untrue. A warning leaks only where the data is used in a certain way, or takes from " +
        "what a figure means; a note is good to know.",
    )
    .argument(
      "<paths...>",
      "folders or files of trials (their names tell split and phase, such as phase_I_test.csv), folders of " +
        "runs, models, benchmarks or Successful Clinical Trials, and what evaluate --json printed; all are " +
        "audited together",
    )
    .option("--strict", "exit with 1 on a warning, too", false)
    .option("--json", "print one JSON array of the findings", false)
    .action(auditPaths);
  addExamples(command, {
    "cladmop audit top": "a folder of TOP's splits",
    "cladmop audit top runs/pretrain runs/finetune":
      "whether the runs have seen trials of the test splits",
    "cladmop audit top --strict": "a check that no warning passes, either",
    "cladmop audit results --json": "a benchmark, for a program to read",
  });
}

async function auditPaths(
  paths: string[],
  { json, strict }: { readonly json: boolean; readonly strict: boolean },
): Promise<void> {
  const { audit, auditReport, loadInput } = await import("../audit/index.js");
  const { progressView } = await import("./progress.js");
  const view = progressView();
  let findings: ReturnType<typeof audit>;
  try {
    findings = audit(loadInput(paths, view), view);
  } finally {
    view.end();
  }
  const { columns: width = 100, isTTY: colour = false } = process.stdout;
  console.log(json ? JSON.stringify(findings) : auditReport(findings, { width, colour }));
  const stops = strict ? ["leak", "warning"] : ["leak"];
  if (findings.some(({ severity }) => stops.includes(severity))) process.exitCode = 1;
}
