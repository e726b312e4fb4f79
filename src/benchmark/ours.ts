import { Random } from "../base/random.js";
import { applyTemperature } from "../evaluation/index.js";
import { type ModelConfig, shallowInput } from "../model/index.js";
import { featuresOf, fitSpace, type ShallowInput } from "../shallow/index.js";
import { fitEnsemble } from "../training/ensemble.js";
import type { Row } from "../training/rows.js";
import { UNRECORDED } from "../training/run-folder.js";
import type { Scored } from "./cell.js";
import type { Chosen } from "./choose.js";
import type { Context, Part } from "./context.js";
import { fewShotHead, fewShotLora } from "./few-shot.js";
import type { Cell } from "./grid.js";
import { configOf, titleOf, type Variant } from "./variant.js";

/** Trials as our methods read them. */
interface OwnTrials {
  readonly rows: readonly Row[];
  /** Empty where the configuration has no shallow level. */
  readonly shallow: readonly ShallowInput[];
}

/** Runs a cell of one of our own methods. @throws InputError if there are too few trials of an outcome */
export async function scoreOurs(cell: Cell, chosen: Chosen, context: Context): Promise<Scored> {
  const { variant, base } = cell.model!;
  const config = configOf(variant, base.spec);
  const { table, parameters } = await context.base(base);
  const title = titleOf(variant, cell.method);
  if (cell.task === "zero-shot" || variant.adapt === "none") {
    const scoresOf = async (part: Part, chosen: readonly number[]) => {
      const matches = await context.matches(base, cell.dataset, part);
      return Float64Array.from(chosen, (row) => matches[row]!.score);
    };
    return {
      test: await scoresOf("test", chosen.test),
      valid: chosen.valid && (await scoresOf("valid", chosen.valid)),
      areProbabilities: false,
      title,
    };
  }
  const test = await read(cell, "test", chosen.test, config, context);
  const train = await read(cell, "train", chosen.train, config, context);
  const { options: processor, watcher } = context;
  const shared = { config, table, base: parameters, seed: cell.seed, processor, watcher };
  if (!chosen.valid) {
    const pool = await context.matches(base, cell.dataset, "train");
    const scoredBy = await context.matches(base, cell.dataset, "test");
    const options = {
      training: train.rows.map((row, i) => ({ ...row, match: pool[chosen.train[i]!]! })),
      scored: test.rows.map((row, i) => ({ ...row, match: scoredBy[chosen.test[i]!]! })),
      pool,
      pretrained: variant.pretrained,
    };
    return {
      test:
        variant.adapt === "head"
          ? fewShotHead(options)
          : await fewShotLora({ ...shared, ...options }),
      areProbabilities: true,
      title,
    };
  }
  const valid = await read(cell, "valid", chosen.valid, config, context);
  const space = config.shallow ? fitSpace(train.shallow, cell.seed) : undefined;
  const withFeatures = ({ rows, shallow }: OwnTrials) => ({
    rows,
    shallow: space && featuresOf(space, shallow),
  });
  const ensemble = await fitEnsemble({
    ...shared,
    training: withFeatures(train),
    validation: withFeatures(valid),
    scored: withFeatures(test),
    members: variant.members,
    folderOf: () => UNRECORDED,
  });
  const probabilitiesOf = (logits: Float64Array) => applyTemperature(logits, ensemble.temperature);
  return {
    test: probabilitiesOf(ensemble.scored),
    valid: probabilitiesOf(ensemble.validation),
    areProbabilities: true,
    title,
  };
}

/** The chosen trials of a split with what the variant lets the model see of them. */
async function read(
  cell: Cell,
  part: Part,
  chosen: readonly number[],
  config: ModelConfig,
  context: Context,
): Promise<OwnTrials> {
  const { variant, base } = cell.model!;
  const { trials, labels } = await context.labelled(cell.dataset, part, true);
  const groups = (await context.groups(base, cell.dataset))[part];
  // Shuffled within the split, so that every text is still one of its trials'.
  const order = variant.shuffled
    ? new Random(cell.seed, "shuffled", part).permutation(trials.length)
    : trials.keys();
  const textOf = [...order];
  const rows = chosen.map((row) => {
    const { features } = trials[row]!;
    return visible({ features, label: labels[row]!, grouped: groups[textOf[row]!]! }, variant);
  });
  if (!config.shallow) return { rows, shallow: [] };
  const matches = await context.matches(base, cell.dataset, part);
  const shallow = chosen.map((row, i) => {
    const text = textOf[row]!;
    const own = rows[i]!;
    return shallowInput(
      { ...own.features, text: trials[text]!.features.text },
      trials[text]!.states,
      own.grouped,
      config.width,
      { success: Float32Array.of(matches[text]!.success[0]!, matches[row]!.success[1]!) },
    );
  });
  return { rows, shallow };
}

/** The trial without the inputs that the variant hides. */
function visible({ features, label, grouped }: Row, { inputs }: Variant): Row {
  const sees = (input: "criteria" | "drugs" | "diseases") => inputs?.includes(input) ?? true;
  return {
    label,
    grouped: sees("criteria") ? grouped : grouped.map((level) => new Float32Array(level.length)),
    features: {
      ...features,
      ...(!sees("drugs") && { molecules: [], vectors: [] }),
      ...(!sees("diseases") && { diseases: [] }),
    },
  };
}
