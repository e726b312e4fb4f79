import { add, concat, expand, gather, slice, type Tensor } from "../graph/index.js";
import { attention, dense, feedForward, norm } from "./attention.js";
import type { ModelConfig } from "./config.js";
import type { MoleculeInputs } from "./molecule-inputs.js";
import type { Parameters } from "./parameters.js";
import { type Tokens, wholeSequences } from "./tokens.js";

/** Sizes of the tables that the branch looks tokens up in. */
export interface Tables {
  readonly diseases: number;
  readonly phases: number;
}

/** [CLS], phase, molecule and disease tokens of a batch, in this order: [2 B + M + S, d]. */
export function moleculeTokens(
  parameters: Parameters,
  config: ModelConfig,
  tables: Tables,
  { molecules, diseases, phases, places }: MoleculeInputs,
): Tokens {
  const { width } = config;
  const table = (name: string, rows: number) =>
    parameters.get(`branch.${name}.weight`, [rows, width], { deviation: 0.1 });
  const rows = concat(
    [
      expand(classToken(parameters, width), [places.batch, width]),
      gather(table("phase", tables.phases), phases),
      norm(
        parameters,
        "branch.molecule.norm",
        dense(parameters, "branch.molecule", molecules, width),
      ),
      gather(table("disease", tables.diseases), diseases),
    ],
    0,
  );
  return { rows, places };
}

/** The class token of each trial of a batch, and nothing else. */
export function classTokens(parameters: Parameters, width: number, batch: number): Tokens {
  const rows = expand(classToken(parameters, width), [batch, width]);
  return { rows, places: { batch, length: 1 } };
}

/** The token whose last state is the output: [1, d]. */
const classToken = (parameters: Parameters, width: number): Tensor =>
  parameters.get("branch.class", [1, width], { deviation: 0.1 });

/**
 * The drug-molecule branch: one transformer block a level; in each the tokens attend to one another,
 * then to the grouped language tokens of that level (multi-level fusion), where they are given.
 * @param tokens of a batch of trials, their class tokens first
 * @param mask [B, 1, 1, L], 0 where a token counts and very negative where none is
 * @param language grouped tokens [B, K, d] of each level
 * @param adapt whether LoRA is added to all attention layers (fine-tuning)
 * @returns the states of the class tokens [B, d]
 */
export function branch(
  parameters: Parameters,
  config: ModelConfig,
  tokens: Tokens,
  mask: Tensor | undefined,
  language: readonly Tensor[] | undefined,
  adapt: boolean,
): Tensor {
  const { heads } = config;
  const { batch } = tokens.places;
  const lora = adapt ? config.lora : undefined;
  const last = config.levels.length - 1;
  let { rows: x, places } = tokens;
  config.levels.forEach((_, level) => {
    const name = `branch.${level}`;
    const own = norm(parameters, `${name}.norm1`, x);
    let asking = own;
    if (level === last) {
      // Nothing reads the last states of the other tokens.
      [x, asking] = [x, own].map((rows) => slice(rows, 0, 0, batch)) as [Tensor, Tensor];
      places = { batch, length: 1 };
    }
    const context = { rows: own, places: tokens.places };
    const self = { heads, lora, ...(mask && { mask }) };
    x = add(x, attention(parameters, `${name}.self`, { rows: asking, places }, context, self));
    if (language) {
      const queries = { rows: norm(parameters, `${name}.norm3`, x), places };
      const grouped = wholeSequences(language[level]!);
      x = add(x, attention(parameters, `${name}.fusion`, queries, grouped, { heads, lora }));
    }
    x = feedForward(parameters, name, x);
  });
  return norm(parameters, "branch.out", x);
}
