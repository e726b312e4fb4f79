import type { Command } from "commander";
import type { QuantizeOptions, quantizeEncoder } from "../language/quantize.js";
import { addExamples, offlineOption } from "./option.js";

/** `cladmop quantize`: an encoder with int8 weights. */
export function addQuantize(program: Command): void {
  const command = program
    .command("quantize")
    .description(
      "Write an encoder with the weights of its linear layers in int8: it encodes about twice as fast, to hidden states that differ a little.",
    )
    .argument("<encoder>", "folder, or owner/name (or owner/name@revision) on Hugging Face")
    .requiredOption(
      "--out <dir>",
      "folder of the quantised encoder, for --encoder of other commands",
    )
    .addOption(offlineOption())
    .action(async (encoder: string, options: Omit<QuantizeOptions, "encoder">) => {
      const { inThread } = await import("./in-thread.js");
      const { layers, bytes } = await inThread<typeof quantizeEncoder>(
        new URL("../language/quantize.js", import.meta.url),
        "quantizeEncoder",
        { ...options, encoder },
      );
      const [before, after] = bytes.map((size) => (size / 1e6).toFixed(1));
      console.log(
        `${options.out}: ${layers} layers in int8, weights of ${before} MB in ${after} MB`,
      );
    });
  addExamples(command, {
    "cladmop quantize runs/language/encoder --out runs/language/int8": "one's own",
    "cladmop quantize owner/name --out encoders/name-int8":
      "a published one; then: cladmop finetune … --encoder encoders/name-int8",
  });
}
