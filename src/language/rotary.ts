import { z } from "zod";
import { add, concat, type Graph, multiply, scale, slice, type Tensor } from "../graph/index.js";
import { count, positive } from "./fields.js";

const KINDS = ["default", "linear", "llama3"] as const;
type Kind = (typeof KINDS)[number];
const kind = z.enum(KINDS, {
  error: ({ input }) =>
    `is ${JSON.stringify(input)}, where ${KINDS.join(", ")} are all that is supported`,
});

/** How the rotation of a position is stretched: `rope_scaling` of a config.json. */
const SCALINGS = {
  default: z.object({ kind: z.literal("default") }),
  linear: z.object({ kind: z.literal("linear"), factor: positive }),
  llama3: z
    .object({
      kind: z.literal("llama3"),
      factor: positive,
      low_freq_factor: positive,
      high_freq_factor: positive,
      original_max_position_embeddings: count,
    })
    .refine(({ low_freq_factor: low, high_freq_factor: high }) => low < high, {
      path: ["high_freq_factor"],
      error: "is not above low_freq_factor",
    }),
};
type Scaling = z.infer<(typeof SCALINGS)[Kind]>;

/** `rope_scaling` of a config.json; `rope_parameters` of a newer one, which has rope_theta too. */
export const rope = z
  .looseObject({
    rope_type: kind.optional(),
    type: kind.optional(),
    rope_theta: positive.optional(),
  })
  .transform((fields, context) => {
    const kind = fields.rope_type ?? fields.type ?? "default";
    const checked = SCALINGS[kind].safeParse({ ...fields, kind });
    if (checked.success) return { scaling: checked.data, theta: fields.rope_theta };
    const { path, message } = checked.error.issues[0]!;
    context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  });

/** Angle of each pair of a head's numbers by which one position turns it: [d / 2]. */
export function frequencies(
  width: number,
  theta: number,
  scaling: Scaling = { kind: "default" },
): number[] {
  return Array.from({ length: width / 2 }, (_, pair) => {
    const frequency = theta ** ((-2 * pair) / width);
    if (scaling.kind === "default") return frequency;
    if (scaling.kind === "linear") return frequency / scaling.factor;
    // Llama 3.1: slow turns are stretched, fast ones are not, those between partly.
    const { factor, low_freq_factor: low, high_freq_factor: high } = scaling;
    const turns = (scaling.original_max_position_embeddings * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return frequency * (kept + (1 - kept) / factor);
  });
}

/**
 * Rotary positions (Su et al. 2021, eq. 34) of tokens 0 … T − 1, where number i of a head's first half and
 * number i of its second are a pair, as published checkpoints store them: [B, H, T, d] → the same shape.
 */
export function rotations(graph: Graph, length: number, angles: readonly number[]) {
  const pairs = angles.length;
  const table = (f: (angle: number) => number) =>
    graph.constant(
      Float32Array.from({ length: length * 2 * pairs }, (_, i) =>
        f(Math.floor(i / (2 * pairs)) * angles[i % pairs]!),
      ),
      [length, 2 * pairs],
    );
  const [cosines, sines] = [table(Math.cos), table(Math.sin)];
  return (x: Tensor): Tensor => {
    const [first, second] = [slice(x, 3, 0, pairs), slice(x, 3, pairs, 2 * pairs)];
    const turned = concat([scale(second, -1), first], 3);
    return add(multiply(x, cosines), multiply(turned, sines));
  };
}
