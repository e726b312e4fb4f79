import { z } from "zod";
import { type ModelConfig, PRESETS } from "../model/index.js";

/** How one of our methods is built and trained; what is left out is the preset's. */
const Fields = z.strictObject({
  /** As tables show it; by default its name. */
  title: z.string().exactOptional(),
  preset: z.enum(["default", "paper"]).default("default"),
  /** Whether it starts from a pre-trained base, else from drawn parameters. */
  pretrained: z.boolean().default(true),
  /** Seed of pre-training; by default the cell's own. */
  pretrainingSeed: z.number().int().nonnegative().exactOptional(),
  /** Share of the successful trials that pre-training sees. */
  sct: z.number().gt(0).max(1).default(1),
  /** Passes over them. */
  epochs: z.number().int().positive().exactOptional(),
  /** Weight of the ranking of success in pre-training. */
  ranking: z.number().nonnegative().exactOptional(),
  /** Centroids of each grouping layer: their number is G. */
  centroids: z.array(z.number().int().positive()).min(1).exactOptional(),
  /** Self-attention layers between grouping layers: S. */
  selfAttention: z.number().int().nonnegative().exactOptional(),
  /** Levels of the language model that are read, from 1 (coarse). */
  levels: z.array(z.number().int().min(1).max(3)).min(1).exactOptional(),
  /** What fine-tuning and scoring see of a trial; by default all. */
  inputs: z
    .array(z.enum(["criteria", "drugs", "diseases"]))
    .min(1)
    .exactOptional(),
  /** Whether each trial has the criteria of another. */
  shuffled: z.boolean().default(false),
  /** Whether the shallow level is part of the prediction. */
  shallow: z.boolean().exactOptional(),
  /** Members of the ensemble. */
  members: z.number().int().positive().default(5),
  /** What fine-tuning trains beside the head; none scores by the base alone, whatever the task. */
  adapt: z.enum(["none", "head", "lora", "full"]).default("lora"),
  /** Figures of fine-tuning. */
  finetuning: z
    .strictObject({
      epochs: z.number().int().positive().exactOptional(),
      headLearningRate: z.number().positive().exactOptional(),
      loraLearningRate: z.number().positive().exactOptional(),
      weightDecay: z.number().nonnegative().exactOptional(),
      dropout: z.number().min(0).lt(1).exactOptional(),
      patience: z.number().int().positive().exactOptional(),
    })
    .default({}),
});
export type Variant = z.infer<typeof Fields>;

export const Variant = Fields.refine(
  ({ inputs, shallow, preset }) => !inputs || !(shallow ?? PRESETS[preset].shallow),
  { path: ["shallow"], error: "reads all inputs, of which some are hidden: add shallow: false" },
);

/** As tables show it. */
export const titleOf = (variant: Variant | undefined, name: string): string =>
  variant?.title ?? name;

/** Everything that decides a base: the frozen parts that fine-tuning stands on. */
export interface BaseSpec {
  readonly preset: Variant["preset"];
  /** Without what belongs to fine-tuning: variants that differ there share a base. */
  readonly config: ModelConfig;
  readonly pretrained: boolean;
  readonly sct: number;
  readonly seed: number;
}

/** The base of a variant for a cell of the given seed. */
export function baseOf(variant: Variant, seed: number): BaseSpec {
  const preset = PRESETS[variant.preset];
  return {
    preset: variant.preset,
    config: {
      ...preset,
      levels: variant.levels
        ? variant.levels.map((level) => preset.levels[level - 1]!)
        : preset.levels,
      centroids: variant.centroids ?? preset.centroids,
      selfAttention: variant.selfAttention ?? preset.selfAttention,
      pretraining: {
        ...preset.pretraining,
        epochs: variant.epochs ?? preset.pretraining.epochs,
        ranking: variant.ranking ?? preset.pretraining.ranking,
      },
    },
    pretrained: variant.pretrained,
    sct: variant.sct,
    seed: variant.pretrainingSeed ?? seed,
  };
}

/** The configuration that a variant is fine-tuned with. */
export function configOf(variant: Variant, base: BaseSpec): ModelConfig {
  const { config } = base;
  return {
    ...config,
    shallow: variant.shallow ?? config.shallow,
    finetuning: {
      ...config.finetuning,
      ...variant.finetuning,
      ...(variant.adapt !== "none" && { adapt: variant.adapt }),
    },
  };
}
