import { InputError } from "../base/error.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import {
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
import { type CheckedTrials, checkTrials, plainText } from "../trial/index.js";

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
  { cache, cacheLimit, threads }: Cache & { readonly threads: number },
): StoredEncoder {
  const encoder = loadEncoder(folder, levelsOf(config, countBlocks(folder)), threads);
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

export interface EncodeOptions extends Cache {
  readonly files: readonly string[];
  /** Folder or name, see {@link resolveEncoder}. */
  readonly encoder: string;
  /** Whether nothing is downloaded. */
  readonly offline?: boolean | undefined;
  readonly preset: Preset;
  readonly threads: number;
  /** Whether bad rows are listed in the cache's folder instead of stopping the job. */
  readonly skipInvalid: boolean;
}

export interface EncodeResult {
  readonly trials: number;
  /** Tokens encoded now. */
  readonly tokens: number;
  /** Texts that the cache had already. */
  readonly cached: number;
  readonly seconds: number;
}

/**
 * Fills the cache with the hidden states of every trial of the files, which are read trial by trial.
 * @throws InputError for a bad row before anything is encoded; as {@link StoredEncoder.fill}
 */
export async function encodeFiles(options: EncodeOptions, watcher: Watcher): Promise<EncodeResult> {
  const { folder } = await resolveEncoder(options.encoder, options, watcher);
  const start = performance.now();
  const trials = await checkTrials(options.files, options.cache, options, watcher);
  const { fill, encoder, store } = openEncoder(folder, PRESETS[options.preset], options);
  try {
    const { cached, tokens } = await fill(textsOf(trials), watcher);
    const seconds = (performance.now() - start) / 1000;
    return { trials: trials.length, tokens, cached, seconds };
  } finally {
    store.close();
    await encoder.release();
  }
}

const textsOf = (trials: CheckedTrials): AsyncIterable<string> & { readonly length: number } => ({
  length: trials.length,
  async *[Symbol.asyncIterator]() {
    for await (const { eligibilityCriteria } of trials) yield plainText(eligibilityCriteria);
  },
});
