import type { Command } from "commander";
import type { indexPast } from "../serving/index-past.js";
import { addInputOptions, type InputOptions } from "./input.js";
import { addExamples } from "./option.js";

/** `cladmop index`: past trials with what became of them, for similar ones. */
export function addIndex(program: Command): void {
  const command = program
    .command("index")
    .description(
      "Make an index of past trials, in which the service finds those most like a trial.",
    )
    .argument(
      "<inputs...>",
      "TOP CSV with labels, or ClinicalTrials.gov API v2 JSON or NDJSON with status (also .gz); of a trial in several files, the first record and all that is told of its outcome",
    )
    .requiredOption(
      "--out <dir>",
      "folder of the index; a stopped run goes on when it is run again, a finished one takes the place of an earlier index",
    );
  addInputOptions(command).action(
    async (inputs: string[], options: InputOptions & { out: string }) => {
      const { inThread } = await import("./in-thread.js");
      const { trials, repeated, open, withoutCriteria } = await inThread<typeof indexPast>(
        new URL("../serving/index-past.js", import.meta.url),
        "indexPast",
        { ...options, inputs },
      );
      const left = [
        [repeated, "repeated ones"],
        [open, "that have not ended or tell of no end"],
        [withoutCriteria, "without eligibility criteria"],
      ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
      console.log(`${options.out}: ${trials} trials`);
      if (left.length > 0) console.log(`left out: ${left.join(", ")}`);
    },
  );
  addExamples(command, {
    "cladmop index phase_I_train.csv studies.ndjson.gz --out past":
      "labelled trials, and the registry's",
    "cladmop index studies.ndjson.gz --out past --model runs/finetune/model --skip-invalid":
      "for a model of your own",
  });
}
