import { z } from "zod";
import { gelu, geluTanh, relu, silu, type Tensor } from "../graph/index.js";

// The fields of a config.json, with messages that say what is wrong with one.

const COUNT = "is not a positive whole number";
const POSITIVE = "is not a positive number";
const SWITCH = "is neither true nor false";

export const count = z.int(COUNT).positive(COUNT);
export const positive = z.number(POSITIVE).positive(POSITIVE);
export const flag = z.boolean(SWITCH);
/** A token's id. */
export const tokenId = z.int("is not a token id").nonnegative("is not a token id");
/** A field that has one value in every model that the forward pass fits. */
export const only = <T extends string | boolean>(value: T) => must(value).default(value as never);
/** {@link only}, of a field that has to be there. */
export const must = <T extends string | boolean | number>(value: T) =>
  z.literal(value, `is not ${value}, which is all that is supported`);

const ACTIVATIONS = {
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  relu,
  silu,
} as const;
type Activation = keyof typeof ACTIVATIONS;
const NAMES = Object.keys(ACTIVATIONS) as Activation[];

/** An activation by its name in a config.json. */
export const activation = z.enum(NAMES, `is none of ${NAMES.join(", ")}`);
export const activate = (name: Activation, x: Tensor): Tensor => ACTIVATIONS[name](x);

/** Refuses heads that do not divide the width. @param width the name of that field */
export const dividedBy =
  <W extends string, H extends string>(width: W, heads: H) =>
  (config: Readonly<Record<W | H, number>>, context: z.RefinementCtx) => {
    if (config[width] % config[heads] !== 0)
      context.addIssue({
        code: "custom",
        path: [width],
        message: `is not a multiple of ${heads}`,
      });
  };

/** The fields that {@link padTokenOf} reads; −1 stands for none in some files, and there may be several ends. */
export const PADDING = {
  pad_token_id: z.int().nullish(),
  eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(),
};

/** The padding token, else the end token, else 0. */
export const padTokenOf = (
  config: z.infer<z.ZodObject<typeof PADDING>> & { readonly vocab_size: number },
): number =>
  [config.pad_token_id, config.eos_token_id]
    .flat()
    .find((id) => typeof id === "number" && id >= 0 && id < config.vocab_size) ?? 0;
