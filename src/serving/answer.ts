import { z } from "zod";
import { Draft } from "../trial/draft.js";
import { PHASES } from "../trial/record.js";

// What is said of a trial: the types that predictor, service and page share, and the API's document is made from.

const probability = z.number().min(0).max(1);
/** Kinds of things that the model reads. */
export const KINDS = ["inclusion", "exclusion", "drug", "disease"] as const;

/** What the model saw of a trial. */
export const Reading = z
  .object({
    molecules: z.array(z.object({ name: z.string(), smiles: z.string() })),
    unresolvedDrugs: z.array(z.string()).describe("Names that the vocabulary does not know"),
    ignoredInterventions: z
      .array(z.object({ name: z.string(), reason: z.string() }))
      .describe("What stands for no drug, and why"),
    diseases: z
      .array(z.object({ token: z.string(), title: z.string().nullable(), known: z.boolean() }))
      .describe(
        "Tokens of the ICD-10 hierarchy, coarse to fine; title: of chapters and blocks; known: the model was fitted with it",
      ),
    unresolvedConditions: z.array(z.string()),
    inclusion: z.array(z.string()),
    exclusion: z.array(z.string()),
    tokens: z.int().describe("Tokens of the criteria, all of which are read"),
  })
  .meta({ id: "Reading" });
export type Reading = z.infer<typeof Reading>;

export const BaseRate = z
  .object({
    successes: z.int(),
    trials: z.int(),
  })
  .describe("Training trials of the phase, and those of them that succeeded")
  .meta({ id: "BaseRate" });
export type BaseRate = z.infer<typeof BaseRate>;

export const Prediction = z
  .object({
    nctId: z.string().describe("Empty for a trial that is not registered"),
    phase: z.enum(PHASES),
    probability: probability.describe("P(success), calibrated"),
    interval: z
      .tuple([probability, probability])
      .describe("90 % interval, a jackknife over the model's members"),
    baseRate: BaseRate.nullable().describe(
      "Null where the model was fitted on no trial of the phase",
    ),
    molecules: z.array(z.object({ name: z.string(), smiles: z.string() })),
    missing: z.array(z.string()).describe("What the model did not see, in words"),
    reading: Reading,
    usedIn: z
      .array(z.enum(["training", "validation", "pre-training"]))
      .nullable()
      .describe(
        "Whether the model was made with this very trial: then its answer shows nothing. Null: the model does not say",
      ),
  })
  .meta({ id: "Prediction" });
export type Prediction = z.infer<typeof Prediction>;

export const Attribution = z
  .object({
    kind: z.enum(KINDS),
    text: z.string(),
    effect: z
      .number()
      .describe("P(success) with it minus P(success) without it, in percentage points"),
  })
  .meta({ id: "Attribution" });
export type Attribution = z.infer<typeof Attribution>;

export const Explanation = z
  .object({
    prediction: Prediction,
    attributions: z
      .array(Attribution)
      .describe(
        "Of every statement, drug and condition with a code, in the trial's order. Neighbouring statements of long criteria, and conditions of which one says no more than another, share one: then text has a line for each",
      ),
  })
  .meta({ id: "Explanation" });
export type Explanation = z.infer<typeof Explanation>;

const date = z.string().nullable().describe("As the registry has it: YYYY-MM or YYYY-MM-DD");

/** What became of a past trial. */
export const PastOutcome = z
  .object({
    label: z
      .union([z.literal(0), z.literal(1)])
      .nullable()
      .describe("1: success"),
    status: z.string().nullable(),
    whyStopped: z.string().nullable(),
    startDate: date,
    completionDate: date,
  })
  .meta({ id: "PastOutcome" });
export type PastOutcome = z.infer<typeof PastOutcome>;

export const Neighbour = z
  .object({
    nctId: z.string(),
    title: z.string().nullable(),
    phase: z.enum(PHASES),
    conditions: z.array(z.string()),
    drugs: z.array(z.string()),
    similarity: z.number().min(-1).max(1),
    outcome: PastOutcome,
    url: z.url().nullable().describe("Null for a trial that is not registered"),
  })
  .meta({ id: "Neighbour" });
export type Neighbour = z.infer<typeof Neighbour>;

/** A registered trial that was looked up. */
export const FoundTrial = z
  .object({
    draft: Draft,
    outcome: PastOutcome,
    source: z.enum(["local", "online"]),
  })
  .meta({ id: "FoundTrial" });
export type FoundTrial = z.infer<typeof FoundTrial>;

export const DrugSuggestion = z
  .object({ name: z.string(), smiles: z.array(z.string()) })
  .meta({ id: "DrugSuggestion" });
export type DrugSuggestion = z.infer<typeof DrugSuggestion>;

export const ConditionSuggestion = z
  .object({ name: z.string(), codes: z.array(z.string()).describe("ICD-10-CM") })
  .meta({ id: "ConditionSuggestion" });
export type ConditionSuggestion = z.infer<typeof ConditionSuggestion>;

const interval = z.tuple([z.number(), z.number()]).describe("95 % bootstrap interval");

/** How a model did on the trials of a file. */
export const KeptEvaluation = z
  .object({
    file: z.string(),
    sha256: z.string(),
    trials: z.int(),
    successes: z.int(),
    prAuc: z.number(),
    rocAuc: z.number(),
    f1: z.number(),
    brier: z.number(),
    ece: z.number().describe("Expected calibration error over the bins"),
    interval: z.object({ prAuc: interval, rocAuc: interval }),
    calibration: z
      .array(
        z.object({
          from: z.number(),
          to: z.number(),
          count: z.int(),
          predicted: z.number().nullable().describe("Mean P(success); null in an empty bin"),
          observed: z.number().nullable().describe("Share of successes"),
        }),
      )
      .describe("Trials in bins of equal width of P(success)"),
    roc: z
      .array(z.tuple([probability, probability]))
      .describe("Points of the ROC curve: false-positive rate, true-positive rate"),
    note: z
      .string()
      .nullable()
      .describe(
        "What is to be said of it, such as that the model was made with some of these trials",
      ),
  })
  .meta({ id: "KeptEvaluation" });
export type KeptEvaluation = z.infer<typeof KeptEvaluation>;

const FitFigures = z.object({ prAuc: z.number(), rocAuc: z.number(), logLoss: z.number() });

/** The card of a model as a reader sees it. */
export const ModelInfo = z
  .object({
    name: z.string(),
    sha256: z.string().describe("Of the card, which has the hashes of all else: the version"),
    preset: z.string(),
    pretrained: z.boolean(),
    members: z.int(),
    encoder: z.string().describe("SHA-256 of the language encoder"),
    data: z.record(z.string(), z.string()).describe("Files it was fitted on → SHA-256"),
    terms: z.string(),
    success: z.string().describe("What the labels that it was fitted on call a success"),
    seed: z.int(),
    temperature: z.number(),
    threshold: z.number().describe("P(success) from which a trial counts as a success"),
    baseRates: z.partialRecord(z.enum(PHASES), BaseRate).nullable().describe("By phase"),
    outOfFold: FitFigures.describe(
      "On the training trials, each by the members that had not seen it",
    ),
    validation: FitFigures.describe(
      "On the validation trials, which chose threshold and temperature",
    ),
    evaluations: z.array(KeptEvaluation),
    limits: z.array(z.string()),
    notToConclude: z.array(z.string()).describe("What must not be concluded from its answers"),
  })
  .meta({ id: "ModelInfo" });
export type ModelInfo = z.infer<typeof ModelInfo>;
