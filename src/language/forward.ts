import {
  compile,
  float16Bits,
  Graph,
  type Processor,
  type Resident,
  type Session,
  upload,
} from "../graph/index.js";
import { weightInputs } from "./architecture.js";
import type { Checkpoint } from "./checkpoint.js";
import { type Level, outputLevels } from "./level.js";

/** Runs the forward pass of a frozen language model. */
export interface Forward {
  /**
   * The float16 bits of each level [B·T, D].
   * @param ids [B, T]
   * @param present [B, T]: 1 where there is a token, 0 where there is padding
   */
  run(ids: Int32Array, present: Float32Array, batch: number): Promise<Uint16Array[]>;
  release(): Promise<void>;
}

/** The forward pass of an architecture with a checkpoint's weights: a graph for each size of batch. */
export function graphForward(
  { model, weights }: Checkpoint,
  levels: readonly Level[],
  processor: Processor,
): Forward {
  const sessions = new Map<string, Promise<Session>>();
  const sessionFor = (batch: number, length: number): Promise<Session> => {
    const key = `${batch} ${length}`;
    let session = sessions.get(key);
    if (!session) {
      const graph = new Graph();
      const inputs = weightInputs(graph, weights);
      const parameter = (name: string) => inputs.get(name)!;
      const ids = graph.input("ids", [batch, length], "int32");
      const present = model.bidirectional ? graph.input("present", [batch, length]) : undefined;
      outputLevels(graph, levels, model.states(parameter, ids, present));
      session = compile(graph, processor, { alone: false });
      sessions.set(key, session);
    }
    return session;
  };
  let resident: Promise<Resident> | undefined;
  return {
    async run(ids, present, batch) {
      resident ??= upload(weights, processor);
      const { feeds: frozen } = await resident;
      const session = await sessionFor(batch, ids.length / batch);
      const feeds = model.bidirectional ? { ids, present } : { ids };
      const output = await session.run({ ...frozen, ...feeds });
      return levels.map((_, level) => float16Bits(output[`level${level}`]));
    },
    async release() {
      await (await resident)?.release();
      resident = undefined;
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}
