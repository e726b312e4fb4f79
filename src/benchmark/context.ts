import { join } from "node:path";
import type { Watcher } from "../base/watcher.js";
import {
  type BaselineTrial,
  baselineTrial,
  type LabelledTrials,
  UnencodedTrial,
} from "../baseline/index.js";
import type { LlmOptions, SuccessfulTrial } from "../baseline/zero-shot/index.js";
import { SHIPPED_CONDITIONS } from "../disease/index.js";
import { SHIPPED_VOCABULARY } from "../drug/index.js";
import type { Processor } from "../graph/index.js";
import {
  createMatcher,
  type Grouped,
  loadResources,
  type Match,
  PRESETS,
  type Preset,
  type Resources,
  type TrialFeatures,
} from "../model/index.js";
import { collectSct } from "../sct/index.js";
import { openEncoder, type StoredEncoder, statesOf } from "../training/encode.js";
import { type LoadedBase, loadBase, loadGroups } from "./bases.js";
import type { BenchmarkConfig } from "./config.js";
import { readSplits, type Splits } from "./data.js";
import type { Base } from "./grid.js";

/** Where a benchmark works and with what: what its worker threads are told. */
/** `threads` are of one cell. */
export interface BenchmarkOptions extends Processor {
  readonly config: BenchmarkConfig;
  /** Folder of results, bases and logs. */
  readonly out: string;
  readonly cache: string;
  readonly cacheLimit: number;
  /** Whether bad rows of the data sets are left out and listed instead of stopping the grid. */
  readonly skipInvalid: boolean;
  /** The endpoint of a prompted language model, where the user gave one. */
  readonly llm?: LlmOptions | undefined;
}

export type Part = keyof Splits;

/** Bases and their groups that are kept in memory. */
const RECENT = 8;

/** What cells share: read when it is first asked for, then kept. */
export class Context {
  private readonly kept = new Map<string, Promise<unknown>>();
  private readonly latest = new Map<string, Promise<unknown>>();

  constructor(
    readonly options: BenchmarkOptions,
    readonly watcher: Watcher,
  ) {}

  private once<T>(key: string, make: () => Promise<T>): Promise<T> {
    return keep(this.kept, key, make);
  }

  /** As {@link once}, but only the latest few are kept: there are as many as there are bases. */
  private recent<T>(key: string, make: () => Promise<T>): Promise<T> {
    const made = keep(this.latest, key, make);
    if (this.latest.size > RECENT) this.latest.delete(this.latest.keys().next().value!);
    return made;
  }

  folder(...names: string[]): string {
    return join(this.options.out, ...names);
  }

  get vocabularies(): { drugs: string; conditions: string } {
    const { drugs = SHIPPED_VOCABULARY, conditions = SHIPPED_CONDITIONS } = this.options.config;
    return { drugs, conditions };
  }

  resources(): Promise<Resources> {
    const { drugs, conditions } = this.vocabularies;
    return this.once("resources", () => loadResources(drugs, conditions));
  }

  splits(dataset: string): Promise<Splits> {
    return this.once(`splits ${dataset}`, async () =>
      readSplits(
        this.options.config.datasets[dataset]!,
        await this.resources(),
        this.watcher,
        this.options,
      ),
    );
  }

  encoder(preset: Preset): Promise<StoredEncoder> {
    return this.once(`encoder ${preset}`, async () =>
      openEncoder(this.options.config.encoder, PRESETS[preset], this.options),
    );
  }

  /**
   * The trials of a split as baselines read them.
   * @param encoded whether with their hidden states
   * @throws InputError if these are asked for and not there
   */
  labelled(dataset: string, part: Part, encoded: boolean): Promise<LabelledTrials> {
    return this.once(`labelled ${dataset} ${part} ${encoded}`, async () => {
      const { trials, labels } = (await this.splits(dataset))[part];
      const features = trials.map((trial) => trial.features);
      return { trials: await this.described(features, encoded), labels };
    });
  }

  /** The successful trials of pre-training, likewise; none of any data set is among them. */
  successful(encoded: boolean): Promise<SuccessfulTrial[]> {
    return this.once(`successful ${encoded}`, async () => {
      const sources = this.sctSources();
      const resources = await this.resources();
      const { trials } = await collectSct(sources, resources, this.folder("sct"), this.watcher);
      const described = await this.described(trials, encoded);
      return described.map((trial, i) => ({ ...trial, known: trials[i]!.known }));
    });
  }

  base(base: Base): Promise<LoadedBase> {
    return this.recent(`base ${base.id}`, async () => loadBase(base, this));
  }

  /** Grouped tokens of a data set's trials. */
  groups(base: Base, dataset: string): Promise<Record<Part, Grouped[]>> {
    return this.recent(`groups ${base.id} ${dataset}`, async () => loadGroups(base, dataset, this));
  }

  /** What a base makes of the trials of a split, before it has seen a label. */
  matches(base: Base, dataset: string, part: Part): Promise<Match[]> {
    return this.recent(`matches ${base.id} ${dataset} ${part}`, async () => {
      const { table, parameters } = await this.base(base);
      const grouped = (await this.groups(base, dataset))[part];
      const { trials } = (await this.splits(dataset))[part];
      const rows = trials.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
      const { config, seed } = base.spec;
      const options = { seed, processor: this.options, batch: 32 };
      const matcher = await createMatcher(config, table, parameters, options);
      const matches = await matcher.match(rows);
      await matcher.release();
      return matches;
    });
  }

  sctSources() {
    const { config, skipInvalid } = this.options;
    const { datasets, pretraining } = config;
    const labelled = Object.values(datasets).flatMap(({ train, valid = [], test }) => [
      ...train,
      ...valid,
      ...test,
    ]);
    return {
      ...pretraining,
      exclude: [...new Set([...labelled, ...pretraining.exclude])],
      ...(skipInvalid && { skipInvalidIn: labelled }),
      excludeDrugs: false,
      skipInvalid: true,
    };
  }

  private async described(
    trials: readonly TrialFeatures[],
    encoded: boolean,
  ): Promise<BaselineTrial[]> {
    if (!encoded) return trials.map((features) => new UnencodedTrial(features));
    const { store } = await this.encoder("default");
    return trials.map((features) => baselineTrial(features, statesOf(store, [features.text])[0]!));
  }
}

/** What is kept under a key, made where nothing is, and moved to the end; what fails is not kept. */
function keep<T>(
  kept: Map<string, Promise<unknown>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const made = (kept.get(key) as Promise<T> | undefined) ?? make();
  kept.delete(key);
  kept.set(key, made);
  made.catch(() => {
    if (kept.get(key) === made) kept.delete(key);
  });
  return made;
}
