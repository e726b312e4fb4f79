import { join } from "node:path";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import {
  compile,
  floats,
  Graph,
  type Processor,
  type Resident,
  type Session,
  upload,
} from "../graph/index.js";
import { weightInputs } from "./architecture.js";
import { readCheckpoint } from "./checkpoint.js";
import { nextTokenLoss } from "./loss.js";
import { isOnnx } from "./onnx.js";
import { refuseInt8On } from "./quantization.js";
import { BUCKET, windowsOf } from "./window.js";

/** A frozen language model that says how usual a text is. */
export interface LikelihoodScorer {
  /** Changes with anything that changes a likelihood: weights, tokenizer. */
  readonly hash: string;
  /**
   * Mean negative log-likelihood (natural logarithm) of a text's tokens, each predicted once from
   * those before it; the logarithm of its perplexity. A text that is longer than the context is read
   * in windows that look back a quarter of it, as the encoder and training's validation read it.
   * @throws RangeError if the text is empty
   */
  meanLoss(text: string): Promise<number>;
  release(): Promise<void>;
}

/** Loads the language model of an encoder's folder. @throws InputError as {@link readCheckpoint} and {@link refuseInt8On} */
export function loadLikelihood(folder: string, processor: Processor): LikelihoodScorer {
  if (isOnnx(folder))
    throw new InputError("gives hidden states, no likelihoods", {
      file: join(folder, "model.onnx"),
      remedy: "Give the model's safetensors",
    });
  const { model, tokenizer, weights, hashes } = readCheckpoint(folder);
  refuseInt8On(processor.device, folder, weights);
  const { context, padToken } = model;
  if (model.outputLayer === undefined)
    throw new InputError("the model has no output layer that is its embedding", {
      file: join(folder, "config.json"),
      field: "model_type",
      remedy: "Give a causal model whose word embeddings are tied, such as BioGPT or GPT-2",
    });
  const sessions = new Map<number, Promise<Session>>();
  const sessionFor = (length: number): Promise<Session> => {
    let session = sessions.get(length);
    if (!session) {
      const graph = new Graph();
      const inputs = weightInputs(graph, weights);
      graph.output(
        "loss",
        nextTokenLoss(model, (name) => inputs.get(name)!, graph, [1, length]),
      );
      session = compile(graph, processor);
      sessions.set(length, session);
    }
    return session;
  };
  let resident: Promise<Resident> | undefined;
  return {
    hash: sha256(JSON.stringify(hashes)),
    async meanLoss(text) {
      const tokens = [...tokenizer.start, ...tokenizer.encode(text)];
      const predicted = tokens.length - 1;
      if (predicted < 1) throw new RangeError("an empty text has no likelihood");
      resident ??= upload(weights, processor);
      const { feeds } = await resident;
      let sum = 0;
      for (const { start, end, fresh } of windowsOf(predicted, context, Math.floor(context / 4))) {
        const length = Math.min(context, Math.ceil((end - start) / BUCKET) * BUCKET);
        const ids = new Int32Array(length).fill(padToken);
        ids.set(tokens.slice(start, end));
        const targets = new Int32Array(length).fill(padToken);
        targets.set(tokens.slice(start + 1, end + 1));
        const isFresh = new Float32Array(length).fill(1, fresh - start, end - start);
        const session = await sessionFor(length);
        const results = await session.run({ ...feeds, ids, targets, weights: isFresh });
        sum += floats(results.loss)[0]! * (end - fresh);
      }
      return sum / predicted;
    },
    async release() {
      await (await resident)?.release();
      resident = undefined;
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}
