import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { quantizeEncoder } from "../language/quantize.js";
import type { quantizeModel } from "../serving/quantize.js";
import { addExamples, offlineOption } from "./option.js";

interface Options {
  readonly out: string;
  readonly offline: boolean;
}

/** `cladmop quantize`: an encoder with int8 weights, or a fine-tuned model with such an encoder. */
export function addQuantize(program: Command): void {
  const command = program
    .command("quantize")
    .description(
      "Write an encoder, or a fine-tuned model with its encoder, with the weights of the encoder's linear layers in int8: it encodes about twice as fast, to hidden states that differ a little.",
    )
    .argument(
      "<model>",
      "folder of an encoder or of a fine-tuned model, or an encoder's owner/name (or owner/name@revision) on Hugging Face",
    )
    .requiredOption(
      "--out <dir>",
      "folder of what is written, for --encoder or --model of other commands",
    )
    .addOption(offlineOption())
    .action(async (model: string, options: Options) => {
      const { layers, bytes } = await quantize(model, options);
      const [before, after] = bytes.map((size) => (size / 1e6).toFixed(1));
      console.log(
        `${options.out}: ${layers} layers in int8, weights of ${before} MB in ${after} MB`,
      );
    });
  addExamples(command, {
    "cladmop quantize runs/language/encoder --out runs/language/int8": "one's own",
    "cladmop quantize owner/name --out encoders/name-int8":
      "a published one; then: cladmop finetune … --encoder encoders/name-int8",
    "cladmop quantize runs/finetune/model --out runs/int8":
      "a model; then: cladmop predict … --model runs/int8",
  });
}

async function quantize(model: string, options: Options) {
  const { inThread } = await import("./in-thread.js");
  return existsSync(join(model, "model.json"))
    ? inThread<typeof quantizeModel>(
        new URL("../serving/quantize.js", import.meta.url),
        "quantizeModel",
        { model, out: options.out },
      )
    : inThread<typeof quantizeEncoder>(
        new URL("../language/quantize.js", import.meta.url),
        "quantizeEncoder",
        { ...options, encoder: model },
      );
}
