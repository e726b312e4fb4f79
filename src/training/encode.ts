import { resolve } from "node:path";
import { InputError } from "../base/error.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { type Processor, requireDevice } from "../graph/index.js";
import {
  type Assignment,
  type Job,
  openBlobs,
  openLanes,
  runPool,
  type Where,
} from "../jobs/index.js";
import {
  chunksOf,
  countBlocks,
  type Encoder,
  encodeThroughStore,
  HiddenStateStore,
  type HiddenStates,
  loadEncoder,
  resolveEncoder,
  type Texts,
} from "../language/index.js";
import { levelsOf, type ModelConfig, PRESETS, type Preset } from "../model/index.js";
import { checkTrials, plainText } from "../trial/index.js";
import type { Encoded, Encoding } from "./jobs.js";

/** Where hidden states are kept, and how many bytes of them. */
export interface Cache {
  readonly cache: string;
  /** Size limit in GB. */
  readonly cacheLimit: number;
}

/** The frozen encoder of a run with the store of its hidden states. */
export interface StoredEncoder {
  readonly encoder: Encoder;
  readonly store: HiddenStateStore;
  /**
   * Encodes what the store lacks, with memory for a chunk of the texts.
   * @throws InputError if the disk is full or the size limit too small, Interrupted if the watcher stops it
   */
  fill(
    texts: Texts & { readonly length: number },
    watcher: Watcher,
  ): Promise<{ cached: number; tokens: number }>;
}

/** Loads an encoder with the levels of a configuration and opens its store. */
export function openEncoder(
  folder: string,
  config: ModelConfig,
  { cache, cacheLimit, device, threads }: Cache & Processor,
): StoredEncoder {
  const levels = levelsOf(config, countBlocks(folder));
  const encoder = loadEncoder(folder, levels, { device, threads });
  const store = new HiddenStateStore(cache, encoder.hash, { limitBytes: cacheLimit * 1e9 });
  return {
    encoder,
    store,
    fill: (texts, watcher) =>
      encodeThroughStore(texts, encoder, store, (done, tokens) => {
        watcher.report({
          stage: "Encoding eligibility criteria",
          done,
          total: texts.length,
          detail: `${tokens} tokens`,
        });
        if (watcher.stopping()) throw new Interrupted(cache, "by running the command again");
      }),
  };
}

/** The states of texts that were encoded before. @throws InputError if the store let one go */
export function statesOf(store: HiddenStateStore, texts: readonly string[]): HiddenStates[] {
  return texts.map((text) => {
    const states = store.get(text);
    if (!states)
      throw new InputError("the cache has lost hidden states that this run needs", {
        remedy: "Raise --cache-limit, and run the command again",
      });
    return states;
  });
}

export interface EncodeOptions extends Cache, Where {
  readonly files: readonly string[];
  /** Folder or name, see {@link resolveEncoder}. */
  readonly encoder: string;
  /** Whether nothing is downloaded. */
  readonly offline?: boolean | undefined;
  readonly preset: Preset;
  /** Whether bad rows are listed in the cache's folder instead of stopping the job. */
  readonly skipInvalid: boolean;
  /** Bucket through which workers send their shards; without it, the cache is a folder that they have, too. */
  readonly shared?: string | undefined;
}

export interface EncodeResult {
  readonly trials: number;
  /** Tokens encoded now. */
  readonly tokens: number;
  /** Texts that the cache had already. */
  readonly cached: number;
  readonly seconds: number;
  /** What went wrong with the chunks that workers could not encode. */
  readonly failures: readonly string[];
}

/** Name of a shard in a bucket. */
export const shardBlob = (id: string): string => `shards/${id}`;

/**
 * Fills the cache with the hidden states of every trial of the files, which are read trial by trial; here, or on the
 * workers at a queue.
 * @throws InputError for a bad row before anything is encoded, if the disk is full or the size limit too small;
 *   Interrupted if the watcher stops it
 */
export async function encodeFiles(options: EncodeOptions, watcher: Watcher): Promise<EncodeResult> {
  const { cache, cacheLimit, preset, queue, shared, offline } = options;
  if (queue === undefined) await requireDevice(options, options.jobs);
  const { folder, model } = await resolveEncoder(options.encoder, options, watcher);
  const start = performance.now();
  const trials = await checkTrials(options.files, cache, options, watcher);
  const { encoder, store } = openEncoder(folder, PRESETS[preset], options);
  const { hash } = encoder;
  await encoder.release(); // its lanes load their own
  const place = shared ?? resolve(cache);
  const assignment: Assignment<Encoding> = {
    module: "training/jobs.js",
    options: {
      encoder: model ?? resolve(folder),
      offline,
      hash,
      preset,
      to: shared === undefined ? { cache: place, cacheLimit } : { bucket: place },
    },
    place,
  };
  const blobs = openBlobs(place);
  let [read, given, done, tokens] = [0, 0, 0, 0];
  const failures: string[] = [];
  async function* texts(): AsyncGenerator<string> {
    for await (const { eligibilityCriteria } of trials) {
      read++;
      yield plainText(eligibilityCriteria);
    }
  }
  async function* jobs(): AsyncGenerator<Job<readonly string[]>> {
    for await (const chunk of chunksOf(texts(), cache)) {
      // Read, not only looked up: what is damaged is found here, where it can be computed again.
      const missing = chunk.filter((text) => store.get(text) === undefined);
      if (missing.length === 0) continue;
      given += missing.length;
      const name = `${missing.length} texts up to trial ${read}`;
      yield { id: store.idOf(missing), needs: [], name, payload: missing };
    }
  }
  const report = (working: readonly string[]) =>
    watcher.report({
      stage: "Encoding eligibility criteria",
      done: read - given + done,
      total: trials.length,
      detail: [
        `${tokens} tokens`,
        ...(failures.length > 0 ? [`${failures.length} chunks failed`] : []),
        ...working,
      ].join("; "),
    });
  const stopped = await runPool<readonly string[], Encoded>({
    lanes: await openLanes(options, assignment, watcher),
    jobs: jobs(),
    watcher,
    progress: report,
    async done({ id, payload }, encoded) {
      if (shared !== undefined) {
        const shard = await blobs.get(shardBlob(id));
        if (!shard)
          throw new InputError("a shard that was encoded is gone", {
            file: `${shared}/${shardBlob(id)}`,
            remedy: "Run the command again",
          });
        store.take(payload, shard);
      }
      done += payload.length;
      tokens += encoded.tokens;
      report([]);
    },
    failed({ name, payload }, { name: kind, message }) {
      // Here the next chunk would fail as this one did, for want of space or memory.
      if (queue === undefined) throw Object.assign(new Error(message), { name: kind ?? "Error" });
      done += payload.length;
      failures.push(`${name}: ${message}`);
      watcher.say(`Failed: ${failures.at(-1)}`);
    },
  });
  store.close();
  if (stopped) throw new Interrupted(cache, "by running the command again");
  const seconds = (performance.now() - start) / 1000;
  return { trials: trials.length, tokens, cached: read - given, seconds, failures };
}
