import { join } from "node:path";
import { shipped } from "../base/file.js";
import { SHIPPED_CONDITIONS, titleOf } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import type { Processor } from "../graph/index.js";
import type { Yielding } from "../language/encoder.js";
import type { HiddenStates } from "../language/shard.js";
import {
  createEnsemble,
  createGrouper,
  type DescribedTrial,
  type DiseaseTable,
  describeTrial,
  loadResources,
  type Match,
  meanStates,
  readModel,
  readUnaltered,
  shallowInput,
  type TrialFeatures,
} from "../model/index.js";
import {
  featuresOf,
  type Levels,
  levelLogits,
  readLevels,
  SHALLOW_FILE,
} from "../shallow/index.js";
import type { ModelCard } from "../training/finetune.js";
import { readSeen, type SeenTrials } from "../training/seen.js";
import { trialOf } from "../trial/draft.js";
import { splitEligibility } from "../trial/eligibility.js";
import { PHASES, type Trial } from "../trial/record.js";
import type { Attribution, Explanation, Prediction } from "./answer.js";
import { deletionsOf } from "./deletion.js";
import { loadModelEncoder } from "./model-encoder.js";
import { usesOf } from "./seen.js";

/** The model that is used where none is named. */
export const SHIPPED_MODEL = shipped("top");

/** A fitted model. Its functions may be called while others of its calls have not ended: they take turns. */
export interface Predictor {
  readonly card: ModelCard;
  /** Undefined for an older model, which has no list of them. */
  readonly seen: SeenTrials | undefined;
  /**
   * Predictions in the order of the trials: the same, whether other work comes between or not.
   * @throws the signal's reason once it is aborted
   */
  predict(trials: readonly Trial[], how?: Yielding): Promise<Prediction[]>;
  /**
   * The prediction of a trial, and what each statement, drug and disease adds to it: the trial is asked about again
   * without each of them, its text read anew. Work is bounded: where these texts would have more than
   * {@link MOST_TOKENS} tokens, neighbouring statements are deleted together, and share one attribution.
   * @throws the signal's reason once it is aborted
   */
  explain(trial: Trial, how?: Yielding): Promise<Explanation>;
  /**
   * Each trial as a direction of length 1, so that a dot product is a cosine: what the base makes of its drugs and
   * diseases (f_DM), and with a fifth of the say of its criteria (f_C). Chosen in bench/similar.js.
   * @throws the signal's reason once it is aborted
   */
  embed(trials: readonly Trial[], how?: Yielding): Promise<Float32Array[]>;
  /**
   * Compiles and runs all that a question may need, so that the first ones take no longer than those after them.
   * @param report told the share that is done
   */
  warmUp(report?: (share: number) => void): Promise<void>;
  release(): Promise<void>;
}

/** A trial as the model is asked about it. */
interface Variant {
  readonly features: TrialFeatures;
  readonly states: HiddenStates;
}

/** Trials that are predicted together. */
const BATCH = 8;
/** Tokens of variants that are read before other work may come between, where a variant has no more. */
const PART = 512;
/** Tokens of the texts of an explanation at most, unless so few deletions have more. Half of them are read anew. */
const MOST_TOKENS = 48_000;
const LEAST_DELETIONS = 8;
/** Quantile of the standard normal distribution for a two-sided interval of 90 %. */
const QUANTILE = 1.6449;

/**
 * Loads a fine-tuned model and its encoder from a folder.
 * @param drugs path of a drug vocabulary instead of the shipped one
 * @throws InputError if a file is missing, damaged or altered
 */
export async function loadPredictor(
  folder: string,
  {
    device,
    threads,
    drugs = SHIPPED_VOCABULARY,
  }: Processor & { readonly drugs?: string | undefined },
): Promise<Predictor> {
  const { card, parameters } = readModel<ModelCard>(folder, "model");
  const { config } = card;
  const processor: Processor = { device, threads };
  const seen = card.trials === undefined ? undefined : readSeen(folder, card.trials);
  const encoder = loadModelEncoder(folder, config, processor, card.encoder);
  const resources = await loadResources(drugs, SHIPPED_CONDITIONS);
  const table: DiseaseTable = new Map(card.diseases.map((token, i) => [token, i + 1]));
  const levels = config.shallow ? loadLevels(folder, card) : undefined;
  const { width: depth } = encoder;
  // Many small steps, in sessions of several sizes: threads would wait for one another longer than they compute.
  const single: Processor = { device, threads: 1 };
  const settings = { depth, batch: 1, processor: single, seed: 0, neighbours: { alone: false } };
  const grouper = await createGrouper(config, parameters, settings);
  const ensemble = createEnsemble(config, table, parameters, card.members, single);

  /** The trials and their texts' states, a few at a time. */
  async function* described(trials: readonly Trial[], { signal, turn }: Yielding = {}) {
    for (let first = 0; first < trials.length; first += BATCH) {
      if (turn || first > 0) await (turn ?? otherWork)();
      signal?.throwIfAborted();
      const lot = trials.slice(first, first + BATCH);
      const features = lot.map((trial) => describeTrial(trial, resources));
      const states = await encoder.encode(
        features.map(({ text }) => text),
        { signal, turn },
      );
      await turn?.();
      signal?.throwIfAborted();
      yield lot.map((trial, i) => ({ trial, features: features[i]!, states: states[i]! }));
    }
  }

  /** Logits of each variant by each member. */
  async function logitsOf(variants: readonly Variant[]): Promise<number[][]> {
    const grouped = await grouper.group(variants.map(({ states }) => states));
    const rows = variants.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
    const opinions = await ensemble.judge(rows);
    if (!levels) return opinions.map(({ heads }) => [...heads]);
    const numbers = featuresOf(
      levels.space,
      variants.map(({ features, states }, i) =>
        shallowInput(features, meanStates(states), grouped[i]!, config.width, opinions[i]!.match),
      ),
    );
    const shallow = levels.members.map((level) => levelLogits(level, numbers));
    return opinions.map(({ heads }, i) =>
      heads.map((head, member) => head + ensemble.trust[member]! * shallow[member]![i]!),
    );
  }

  const isKnown = (token: string) => table.has(token) || levels?.space.diseases.has(token) === true;
  const probabilityOf = (logit: number) => 1 / (1 + Math.exp(-logit / card.temperature));
  const uses = seen && usesOf(seen);
  /** @param logits of each member */
  function predictionOf(
    trial: Trial,
    features: DescribedTrial,
    tokens: number,
    logits: readonly number[],
  ): Prediction {
    const centre = mean(logits);
    const error = jackknifeError(logits);
    const molecules = features.molecules.map(({ name, smiles }) => ({ name, smiles }));
    const { inclusion, exclusion } = splitEligibility(trial.eligibilityCriteria);
    return {
      nctId: trial.nctId,
      phase: trial.phase,
      probability: probabilityOf(centre),
      interval: [
        probabilityOf(centre - QUANTILE * error),
        probabilityOf(centre + QUANTILE * error),
      ],
      baseRate: card.baseRates?.[trial.phase] ?? null,
      molecules,
      missing: [...features.missing],
      reading: {
        molecules,
        unresolvedDrugs: [...features.unresolvedDrugs],
        ignoredInterventions: [...features.ignoredInterventions],
        diseases: features.diseases.map((token) => ({
          token,
          title: titleOf(token),
          known: isKnown(token),
        })),
        unresolvedConditions: [...features.unresolvedConditions],
        inclusion: [...inclusion],
        exclusion: [...exclusion],
        tokens,
      },
      usedIn: uses ? uses(trial.nctId) : null,
    };
  }

  const predictor: Predictor = {
    card,
    seen,
    async predict(trials, how) {
      const predictions: Prediction[] = [];
      for await (const lot of described(trials, how)) {
        const logits = await logitsOf(lot);
        for (const [i, { trial, features, states }] of lot.entries())
          predictions.push(predictionOf(trial, features, states.tokens, logits[i]!));
      }
      return predictions;
    },
    async explain(trial, { signal, turn = otherWork } = {}) {
      await turn();
      signal?.throwIfAborted();
      const features = describeTrial(trial, resources);
      const [states] = (await encoder.encode([features.text], { signal, turn })) as [HiddenStates];
      const { tokens } = states;
      const most = Math.max(LEAST_DELETIONS, Math.floor(MOST_TOKENS / tokens));
      const deletions = deletionsOf(trial, features, most, isKnown);
      const [own] = (await logitsOf([{ features, states }])) as [number[]];
      const prediction = predictionOf(trial, features, tokens, own);
      const attributions: Attribution[] = [];
      const atOnce = Math.max(1, Math.min(BATCH, Math.floor(PART / tokens)));
      for (let first = 0; first < deletions.length; first += atOnce) {
        await turn();
        signal?.throwIfAborted();
        const part = deletions.slice(first, first + atOnce);
        const changed = part.filter(({ features: { text } }) => text !== features.text);
        const read = await encoder.encode(
          changed.map(({ features: { text } }) => text),
          { known: { text: features.text, states }, signal, turn },
        );
        const variants = part.map((deletion) => ({
          features: deletion.features,
          states: read[changed.indexOf(deletion)] ?? states,
        }));
        for (const [i, logits] of (await logitsOf(variants)).entries()) {
          const { kind, text } = part[i]!;
          const effect = 100 * (prediction.probability - probabilityOf(mean(logits)));
          attributions.push({ kind, text, effect });
        }
      }
      return { prediction, attributions };
    },
    async embed(trials, how) {
      const embeddings: Float32Array[] = [];
      for await (const lot of described(trials, how)) {
        const grouped = await grouper.group(lot.map(({ states }) => states));
        const rows = lot.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
        const opinions = await ensemble.judge(rows);
        for (const { match } of opinions) embeddings.push(joined(match));
      }
      return embeddings;
    },
    async warmUp(report = () => {}) {
      await encoder.warmUp((share) => report(ENCODER_SHARE * share));
      report(ENCODER_SHARE);
      await grouper.warmUp();
      await ensemble.warmUp();
      // What reads a trial is slow until it has run a few times.
      for (const trial of REHEARSAL) await predictor.predict([trial]);
    },
    async release() {
      await encoder.release();
      await grouper.release();
      await ensemble.release();
    },
  };
  return predictor;
}

/** Of the time that warming up takes. */
const ENCODER_SHARE = 0.4;

/** Trials made up to be predicted before any other. */
const REHEARSAL: readonly Trial[] = Array.from({ length: 8 }, (_, i) =>
  trialOf({
    phase: PHASES[i % PHASES.length]!,
    conditions: ["Asthma", "Type 2 Diabetes"],
    interventions: ["Aspirin", "Metformin"].map((name) => ({ type: "DRUG", name, otherNames: [] })),
    eligibilityCriteria: `Inclusion Criteria:\n${"- Age of 18 years or more, able to give consent\n".repeat(4 * i + 1)}Exclusion Criteria:\n- Pregnancy`,
  }),
);

function loadLevels(folder: string, card: ModelCard): Levels {
  const file = join(folder, SHALLOW_FILE);
  return readLevels(file, readUnaltered(file, card.shallow));
}

/** The share of the criteria in how alike two trials are. */
const CRITERIA_SAY = 0.2;

/** Both sides one after the other: dot products are the weighted sum of theirs. */
function joined({ criteria, molecules }: Match): Float32Array {
  const vector = new Float32Array(criteria.length + molecules.length);
  vector.set(criteria.map((x) => x * Math.sqrt(CRITERIA_SAY)));
  vector.set(
    molecules.map((x) => x * Math.sqrt(1 - CRITERIA_SAY)),
    criteria.length,
  );
  return vector;
}

/** Lets what waits for the thread come first, such as a question that was asked meanwhile. */
const otherWork = () => new Promise<void>((resolve) => setTimeout(resolve));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard error of the mean of estimates that each leave one group of the data out. */
export function jackknifeError(estimates: readonly number[]): number {
  const centre = mean(estimates);
  const squares = estimates.map((estimate) => (estimate - centre) ** 2);
  return Math.sqrt((estimates.length - 1) * mean(squares));
}
