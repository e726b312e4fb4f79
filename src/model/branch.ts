import { add, concat, expand, gather, reshape, slice, type Tensor } from "../graph/index.js";
import { attention, dense, feedForward, norm } from "./attention.js";
import type { ModelConfig } from "./config.js";
import type { Parameters } from "./parameters.js";

/** The drugs and diseases of a batch of trials as the drug-molecule branch reads them. */
export interface MoleculeInputs {
  /** [B, M, fingerprint bits and descriptors] */
  readonly molecules: Tensor;
  /** int32 [B, S] rows of the disease table; 0 pads. */
  readonly diseases: Tensor;
  /** int32 [B, 1] */
  readonly phases: Tensor;
  /** [B, 1, 1, 2 + M + S]: 0 where a token counts and very negative where it pads. */
  readonly mask: Tensor;
}

/** Sizes of the tables that the branch looks tokens up in. */
export interface Tables {
  readonly diseases: number;
  readonly phases: number;
}

/** [CLS], phase, molecule and disease tokens: [B, 2 + M + S, d]. */
export function moleculeTokens(
  parameters: Parameters,
  config: ModelConfig,
  tables: Tables,
  { molecules, diseases, phases }: MoleculeInputs,
): Tensor {
  const { width } = config;
  const batch = molecules.shape[0]!;
  const table = (name: string, rows: number) =>
    parameters.get(`branch.${name}.weight`, [rows, width], { deviation: 0.1 });
  return concat(
    [
      expand(reshape(classToken(parameters, width), [1, 1, width]), [batch, 1, width]),
      gather(table("phase", tables.phases), phases),
      norm(
        parameters,
        "branch.molecule.norm",
        dense(parameters, "branch.molecule", molecules, width),
      ),
      gather(table("disease", tables.diseases), diseases),
    ],
    1,
  );
}

/** The token whose last state is the output: [1, d]. */
export const classToken = (parameters: Parameters, width: number): Tensor =>
  parameters.get("branch.class", [1, width], { deviation: 0.1 });

/**
 * The drug-molecule branch: one transformer block a level; in each the tokens attend to one another,
 * then to the grouped language tokens of that level (multi-level fusion), where they are given.
 * tokens [B, N, d], language [B, K, d] for each level → the state of the first token [B, d].
 * @param adapt whether LoRA is added to all attention layers (fine-tuning)
 */
export function branch(
  parameters: Parameters,
  config: ModelConfig,
  tokens: Tensor,
  mask: Tensor | undefined,
  language: readonly Tensor[] | undefined,
  adapt: boolean,
): Tensor {
  const { heads, width } = config;
  const lora = adapt ? config.lora : undefined;
  let x = tokens;
  config.levels.forEach((_, level) => {
    const name = `branch.${level}`;
    const own = norm(parameters, `${name}.norm1`, x);
    const self = { heads, lora, ...(mask && { mask }) };
    x = add(x, attention(parameters, `${name}.self`, own, own, self));
    if (language) {
      const query = norm(parameters, `${name}.norm3`, x);
      x = add(x, attention(parameters, `${name}.fusion`, query, language[level]!, { heads, lora }));
    }
    x = feedForward(parameters, name, x);
  });
  const first = reshape(slice(x, 1, 0, 1), [x.shape[0]!, width]);
  return norm(parameters, "branch.out", first);
}
