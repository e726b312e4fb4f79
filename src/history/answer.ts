import { z } from "zod";
import { BaseRate, Prediction } from "../serving/answer.js";
import { Draft } from "../trial/draft.js";
import { PHASES } from "../trial/index.js";

// What is said of past predictions: the types that history, service and page share, and the API's document is made from.

const probability = z.number().min(0).max(1);
const time = z.iso.datetime();
const Label = z.union([z.literal(0), z.literal(1)]);

/** The version of a model: its hash tells two of one name apart. */
export const ModelVersion = z
  .object({ name: z.string(), sha256: z.string() })
  .meta({ id: "ModelVersion" });
export type ModelVersion = z.infer<typeof ModelVersion>;

/** A kept prediction as a list shows it. */
export const HistoryRow = z
  .object({
    id: z.uuid(),
    createdAt: time,
    model: ModelVersion,
    title: z.string().nullable(),
    nctId: z.string().describe("Empty for a trial that is not registered"),
    phase: z.enum(PHASES),
    conditions: z.array(z.string()),
    drugs: z.array(z.string()).describe("Names of the interventions"),
    probability,
    interval: z.tuple([probability, probability]),
    baseRate: BaseRate.nullable(),
    usedIn: Prediction.shape.usedIn,
    label: Label.nullable().describe("What became of the trial; null: nothing was said"),
    note: z.string().nullable(),
    labelledAt: time.nullable(),
  })
  .meta({ id: "HistoryRow" });
export type HistoryRow = z.infer<typeof HistoryRow>;

/** A kept prediction whole. */
export const HistoryEntry = HistoryRow.extend({
  draft: Draft,
  prediction: Prediction,
  labels: z
    .array(z.object({ label: Label.nullable(), note: z.string().nullable(), at: time }))
    .describe("Every label that was ever given, first to last"),
}).meta({ id: "HistoryEntry" });
export type HistoryEntry = z.infer<typeof HistoryEntry>;

export const LabelInput = z
  .strictObject({
    label: z
      .literal([0, 1, null])
      .describe("1: the trial succeeded, 0: it did not, null: take it back"),
    note: z.string().trim().max(2000).optional().describe("For the reader, e.g. where it stands"),
  })
  .meta({ id: "LabelInput" });
export type LabelInput = z.infer<typeof LabelInput>;

/** How probabilities of labelled trials agree with their outcomes. */
export const Figures = z
  .object({
    n: z.int().min(1).describe("Trials; each counts once"),
    successes: z.int(),
    brier: z.number(),
    logLoss: z.number(),
    rocAuc: z
      .object({
        value: probability,
        interval: z
          .tuple([probability, probability])
          .nullable()
          .describe("95 %, DeLong; null where one of the outcomes occurs only once"),
      })
      .nullable()
      .describe("Null where all trials have the same outcome"),
    ece: z.number().describe("Expected calibration error, 15 bins of equal width"),
    bins: z
      .array(
        z.object({
          from: probability,
          to: probability,
          count: z.int(),
          predicted: probability.describe("Mean P(success)"),
          observed: probability.describe("Share of successes"),
        }),
      )
      .describe("Those that are not empty"),
  })
  .meta({ id: "Figures" });
export type Figures = z.infer<typeof Figures>;

/** How a model's past predictions of trials did whose outcome is now known. */
export const ModelPerformance = z
  .object({
    model: ModelVersion,
    unseen: Figures.nullable().describe(
      "Trials that the model was not made with, as far as it says; null: there is none",
    ),
    unsaid: z.int().describe("Of the unseen trials those of which the model does not say it"),
    seen: Figures.nullable().describe(
      "Trials that the model was made with: figures that show nothing; null: there is none",
    ),
  })
  .meta({ id: "ModelPerformance" });
export type ModelPerformance = z.infer<typeof ModelPerformance>;

export const Performance = z
  .object({ models: z.array(ModelPerformance).describe("The model used last comes first") })
  .meta({ id: "Performance" });
export type Performance = z.infer<typeof Performance>;
