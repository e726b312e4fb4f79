import type { TensorData } from "../base/safetensors.js";
import { floats, Graph, type Processor } from "../graph/index.js";
import type { Lora } from "./attention.js";
import { predict } from "./cladmop.js";
import type { ModelConfig } from "./config.js";
import { type DiseaseTable, type TrialFeatures, tableSizes } from "./features.js";
import { type Grouped, groupFeeds, groupInputs } from "./grouper.js";
import { type Match, matchesOf, outputMatches, ranks } from "./matcher.js";
import {
  compileRooms,
  moleculeFeeds,
  moleculeInputs,
  type Room,
  roomFor,
  roomsOf,
} from "./molecule-inputs.js";
import { FrozenParameters } from "./parameters.js";

/** What a fitted model's base and each of its members say of a trial. */
export interface Opinion {
  readonly match: Match;
  /** Logit of each member's head, without what its shallow level says. */
  readonly heads: readonly number[];
}

type Rows = readonly { readonly features: TrialFeatures; readonly grouped: Grouped }[];

/** The base and all members of a fitted model, frozen, as one graph. */
export interface FittedEnsemble {
  /** Factor of the logit of each member's shallow level, which is added to its head's. */
  readonly trust: readonly number[];
  /** Opinions in the order of the rows. */
  judge(rows: Rows): Promise<Opinion[]>;
  /** Compiles and runs what is made for each size of batch and room, so that no trial waits for it. */
  warmUp(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Trials that one run takes together where they fill more than half of it and fit the first room, as nearly all do: each
 * room has a graph with all parameters in it. Others run one by one.
 */
const BATCHES = [4, 2] as const;
const usualRoom = (batch: number): Room => roomsOf(batch)[0]!;

const featuresOf = (rows: Rows): TrialFeatures[] => rows.map(({ features }) => features);

const prefixOf = (member: number) => `member-${member}/`;

/**
 * @param parameters those of the base, and those that each member learned under "member-0/" and so on
 * @throws Error if one is missing
 */
export function createEnsemble(
  config: ModelConfig,
  table: DiseaseTable,
  parameters: ReadonlyMap<string, TensorData>,
  members: number,
  processor: Processor,
): FittedEnsemble {
  const learned = Array.from({ length: members }, (_, member) => {
    const prefix = prefixOf(member);
    const own = [...parameters].filter(([name]) => name.startsWith(prefix));
    return withLora(
      new Map(own.map(([name, value]) => [name.slice(prefix.length), value])),
      parameters,
      config.lora,
    );
  });
  const build = (batch: number, room: Room) => {
    const graph = new Graph();
    const base = new FrozenParameters(graph, parameters);
    const language = groupInputs(graph, config, batch);
    const inputs = moleculeInputs(graph, batch, room);
    outputMatches(base, config, table, language, inputs, ranks(parameters));
    for (const [member, values] of learned.entries()) {
      const own = new FrozenParameters(graph, values, base);
      const sizes = tableSizes(table);
      graph.output(headOf(member), predict(own, config, sizes, language, inputs, { adapt: false }));
    }
    return { graph, parameters: base };
  };
  const fits = (rows: Rows, batch: number): boolean => {
    const room = roomFor(table, featuresOf(rows.slice(0, batch)), batch);
    return room.length === usualRoom(batch).length;
  };
  const sessions = new Map<number, ReturnType<typeof compileRooms>["session"]>();
  const sessionFor = (batch: number) => {
    const session =
      sessions.get(batch) ??
      compileRooms(batch, processor, (room) => build(batch, room), { alone: false }).session;
    sessions.set(batch, session);
    return session;
  };
  return {
    trust: learned.map((values) => values.get("head.shallow")?.data[0] ?? 0),
    async judge(rows) {
      const opinions: Opinion[] = [];
      while (opinions.length < rows.length) {
        const left = rows.slice(opinions.length);
        const batch = BATCHES.find((size) => 2 * left.length > size && fits(left, size)) ?? 1;
        const part = left.slice(0, batch);
        const features = featuresOf(part);
        const output = await sessionFor(batch).run({
          ...groupFeeds(config, part, batch),
          ...moleculeFeeds(table, features, batch),
        });
        const heads = learned.map((_, member) => floats(output[headOf(member)]));
        for (const [row, match] of matchesOf(config, output, part.length).entries())
          opinions.push({ match, heads: heads.map((logits) => logits[row]!) });
      }
      return opinions;
    },
    async warmUp() {
      const sizes = [
        ...roomsOf(1).map((room) => ({ batch: 1, room })),
        ...BATCHES.map((batch) => ({ batch, room: usualRoom(batch) })),
      ];
      for (const { batch, room } of sizes)
        await sessionFor(batch).run({
          ...groupFeeds(config, [], batch),
          ...moleculeFeeds(table, [], batch, room),
        });
    },
    async release() {
      for (const session of sessions.values()) await session.release();
    },
  };
}

const headOf = (member: number) => `head-${member}`;

/** What a member learned, its low-rank updates (Hu et al. 2021) added to the weights that they adapt. */
function withLora(
  learned: ReadonlyMap<string, TensorData>,
  base: ReadonlyMap<string, TensorData>,
  { rank, alpha }: Lora,
): Map<string, TensorData> {
  const merged = new Map(learned);
  for (const [name, { data: a, shape }] of learned) {
    if (!name.endsWith(".lora.a")) continue;
    const layer = name.slice(0, -".lora.a".length);
    const { data: b } = learned.get(`${layer}.lora.b`)!;
    const adapted = learned.get(`${layer}.weight`) ?? base.get(`${layer}.weight`)!;
    const input = shape[1]!;
    const data = adapted.data.map((weight, k) => {
      const [row, column] = [Math.floor(k / input), k % input];
      let sum = 0;
      for (let i = 0; i < rank; i++) sum += b[row * rank + i]! * a[i * input + column]!;
      return weight + (alpha / rank) * sum;
    });
    merged.set(`${layer}.weight`, { shape: adapted.shape, data });
  }
  return merged;
}
