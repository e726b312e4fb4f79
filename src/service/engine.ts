import { Worker } from "node:worker_threads";
import { InputError } from "../base/error.js";
import type {
  ConditionSuggestion,
  DrugSuggestion,
  Explanation,
  Neighbour,
  Prediction,
} from "../serving/answer.js";
import type { Engine } from "../serving/engine.js";
import type { Trial } from "../trial/index.js";
import type { Ask, EngineSettings, Failure, Method, Told } from "./engine-messages.js";
import { tokensOf } from "./reading.js";
import { type Asked, Waiting } from "./waiting.js";

/**
 * Trials that one run of the model takes together at most, where more wait than threads are idle. Four take a tenth less
 * time than one by one; eight no less, and whoever comes meanwhile would wait twice as long (bench/predict.js).
 */
export const LOT = 4;
/** Tokens of one lot, and of the largest trial that others wait for. */
const LOT_TOKENS = 4_000;
/** Suggestions, drawings and similar trials that are asked for at a time. */
const SMALL_AT_ONCE = 4;
/** What may wait: more is refused. */
export const MOST_WAITING = { predict: 128, long: 32, other: 128 } as const;
/**
 * Tokens that may wait for one thread, what it computes included: it reads them in some 20 seconds, so what is taken is
 * answered within a request's 30, and what could not be is refused at once.
 */
export const MOST_TOKENS = 80_000;
/** Tokens of an explanation that ends in time where its thread has nothing else to do. */
export const MOST_EXPLAINED = 120_000;
/** Milliseconds until a thread that ended is started anew, and at most if it ends again and again. */
const RESTART = { first: 100, last: 30_000 } as const;

export interface EngineState {
  readonly status: "loading" | "ready" | "failed";
  /** What failed. */
  readonly detail: string;
}

/** The thread ended while it computed the answer; another takes its place. */
export class EngineLost extends Error {
  override readonly name = "EngineLost";
}

/** What an engine tells whoever measures it. */
export interface EngineObserver {
  lot(trials: number): void;
  lost(reason: string): void;
  /** The share of the work before it is ready that is done. */
  warming?(share: number): void;
}

/** How one is asked: what is given up before it is begun is not computed. */
export interface How {
  readonly signal?: AbortSignal | undefined;
  /** One of many, which let those wait least that come alone. */
  readonly bulk?: boolean;
}

/**
 * The engine in worker threads. Predictions of different requests are computed in one lot; none waits for others
 * while a thread is idle. Long work, which is explanations and all that reads a large trial, is computed beside them,
 * one in a thread at a time, in parts between which the others come.
 */
export class ThreadEngine implements Engine {
  readonly #threads: EngineThread[];
  readonly #predictions: Waiting<Trial, Prediction>;
  readonly #long: Waiting<Long, unknown>;
  readonly #others: Waiting<Call, unknown>;

  /** @param count threads, each with its own copy of the model */
  constructor(
    settings: EngineSettings,
    count: number,
    private readonly observer: EngineObserver = { lot() {}, lost() {} },
    module = new URL("./engine-thread.js", import.meta.url),
  ) {
    const tokens = count * MOST_TOKENS;
    this.#predictions = new Waiting({ places: MOST_WAITING.predict, tokens }, tokensIn);
    this.#long = new Waiting({ places: MOST_WAITING.long, tokens }, (long) => long.tokens);
    this.#others = new Waiting({ places: MOST_WAITING.other, tokens }, () => 0);
    this.#threads = Array.from(
      { length: count },
      (_, i) =>
        new EngineThread(module, settings, `engine thread ${i + 1}`, {
          idle: () => this.#pump(),
          lost: (reason) => observer.lost(reason),
          warming: (share) => observer.warming?.(share),
        }),
    );
  }

  /** Ready once one thread is. */
  get state(): EngineState {
    const states = this.#threads.map(({ state }) => state);
    return (
      states.find(({ status }) => status === "ready") ??
      states.find(({ status }) => status === "failed") ??
      states[0]!
    );
  }

  get readyThreads(): number {
    return this.#threads.filter(({ state }) => state.status === "ready").length;
  }

  /** Trials that wait for a prediction, and explanations that wait. */
  get waiting(): { readonly predictions: number; readonly explanations: number } {
    const long = (own: Method) => this.#long.count(({ method }) => method === own);
    return {
      predictions: this.#predictions.length + long("predict"),
      explanations: long("explain"),
    };
  }

  /** Resolves when a thread is ready. @throws what every thread failed with to load */
  async ready(): Promise<void> {
    await Promise.any(this.#threads.map((thread) => thread.loaded)).catch((error) => {
      throw (error as AggregateError).errors[0];
    });
  }

  async predict(trials: readonly Trial[], how: How = {}): Promise<Prediction[]> {
    const areLarge = trials.map(isLarge);
    const small = this.#predictions.addAll(
      trials.filter((_, i) => !areLarge[i]),
      how,
    );
    const large = trials
      .filter((_, i) => areLarge[i])
      .map(async (trial) => {
        const own = { method: "predict", args: [[trial]], tokens: tokensIn(trial) } as const;
        const [prediction] = await this.#atLength<[Prediction]>(own, how);
        return prediction;
      });
    this.#pump();
    const [smallOnes, largeOnes] = await Promise.all([small, Promise.all(large)]);
    return areLarge.map((one) => (one ? largeOnes : smallOnes).shift()!);
  }

  explain = (trial: Trial, how: How = {}) =>
    this.#atLength<Explanation>(
      { method: "explain", args: [trial], tokens: explanationTokens(trial.eligibilityCriteria) },
      how,
    );

  similar(trial: Trial, count: number, how: How = {}): Promise<Neighbour[]> {
    const own = { method: "similar", args: [trial, count] } as const;
    if (!isLarge(trial)) return this.#other(own.method, own.args, how);
    return this.#atLength({ ...own, tokens: tokensIn(trial) }, how);
  }

  suggestDrugs = (text: string, count: number, how: How = {}) =>
    this.#other<DrugSuggestion[]>("suggestDrugs", [text, count], how);

  suggestConditions = (text: string, count: number, how: How = {}) =>
    this.#other<ConditionSuggestion[]>("suggestConditions", [text, count], how);

  structure = (smiles: string, how: How = {}) => this.#other<string>("structure", [smiles], how);

  /** Ends the threads; what still waits is answered with an error. */
  async release(): Promise<void> {
    const ended = new EngineLost("the service is stopping");
    for (const waiting of [this.#predictions, this.#long, this.#others]) waiting.refuse(ended);
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #other<T>(method: Method, args: readonly unknown[], how: How): Promise<T> {
    return this.#ask(this.#others, { method, args }, how) as Promise<T>;
  }

  #atLength<T>(long: Long, how: How): Promise<T> {
    return this.#ask(this.#long, long, how) as Promise<T>;
  }

  async #ask<What, Answer>(waiting: Waiting<What, Answer>, what: What, how: How): Promise<Answer> {
    const all = waiting.addAll([what], how);
    this.#pump();
    return (await all)[0]!;
  }

  /** Gives what waits to threads that have room for it. */
  #pump(): void {
    const ready = this.#threads.filter(({ state }) => state.status === "ready");
    const idle = ready
      .filter(({ load }) => load.predict === 0)
      .sort((a, b) => a.load.long - b.load.long);
    for (const [i, thread] of idle.entries()) {
      // What waits is shared by those that are idle.
      const share = Math.ceil(this.#predictions.length / (idle.length - i));
      const lot = this.#predictions.take(Math.min(LOT, share), LOT_TOKENS);
      if (lot.length > 0) this.#predictLot(thread, lot);
    }
    for (const thread of ready.sort((a, b) => a.load.predict - b.load.predict)) {
      if (thread.load.long === 0)
        for (const { what, signal, resolve, reject } of this.#long.take(1)) {
          if (what.method === "predict") this.observer.lot(1);
          thread.ask("long", what.method, what.args, signal).then(resolve, reject);
        }
      for (const one of this.#others.take(SMALL_AT_ONCE - thread.load.other))
        thread.ask("other", one.what.method, one.what.args).then(one.resolve, one.reject);
    }
  }

  #predictLot(thread: EngineThread, lot: readonly Asked<Trial, Prediction>[]): void {
    this.observer.lot(lot.length);
    const trials = lot.map(({ what }) => what);
    thread.ask<Prediction[]>("predict", "predict", [trials]).then(
      (answers) => {
        for (const [i, one] of lot.entries()) one.resolve(answers[i]!);
      },
      (error) => this.#oneByOne(thread, lot, error),
    );
  }

  /** One bad trial must not fail those that happened to come with it. */
  #oneByOne(thread: EngineThread, lot: readonly Asked<Trial, Prediction>[], error: Error): void {
    for (const one of lot)
      if (lot.length === 1 || error instanceof EngineLost) one.reject(error);
      else
        thread
          .ask<Prediction[]>("predict", "predict", [[one.what]])
          .then(([answer]) => one.resolve(answer!), one.reject);
  }
}

interface Call {
  readonly method: Method;
  readonly args: readonly unknown[];
}
/** Long work. */
interface Long extends Call {
  readonly method: "predict" | "explain" | "similar";
  readonly tokens: number;
}
type Lane = "predict" | "long" | "other";

const isLarge = (trial: Trial): boolean => tokensIn(trial) > LOT_TOKENS;
const tokensIn = ({ eligibilityCriteria }: Trial): number => tokensOf(eligibilityCriteria);

/** Deletions of an explanation at least, and tokens of their texts else at most: about as the predictor bounds them. */
const [LEAST_DELETIONS, DELETED] = [8, 48_000];

/** What an explanation reads, about: the trial, and half of it anew without each line. */
export function explanationTokens(criteria: string): number {
  const tokens = tokensOf(criteria);
  const lines = criteria.split("\n").length;
  const deletions = Math.min(lines, Math.max(LEAST_DELETIONS, DELETED / tokens));
  return Math.ceil(tokens * (1 + deletions / 2));
}

interface Pending {
  readonly lane: Lane;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, started anew whenever it ends. */
class EngineThread {
  state: EngineState = { status: "loading", detail: "" };
  /** What it is computing. */
  readonly load: Record<Lane, number> = { predict: 0, long: 0, other: 0 };
  readonly loaded: Promise<void>;
  #worker: Worker;
  #pending = new Map<number, Pending>();
  #lastId = 0;
  #ending = false;
  #restart: number = RESTART.first;
  #settleLoaded!: { resolve: () => void; reject: (error: Error) => void };

  constructor(
    private readonly module: URL,
    private readonly settings: EngineSettings,
    private readonly name: string,
    private readonly tell: {
      idle(): void;
      lost(reason: string): void;
      warming(share: number): void;
    },
  ) {
    this.loaded = new Promise((resolve, reject) => {
      this.#settleLoaded = { resolve, reject };
    });
    this.loaded.catch(() => {});
    this.#worker = this.#start();
  }

  #start(): Worker {
    const worker = new Worker(this.module, { workerData: this.settings, name: this.name });
    let reason = "";
    worker.on("message", (told: Told) => this.#hear(told));
    worker.on("error", (error) => {
      reason = error.message; // out of memory, say
    });
    worker.on("exit", (code) => this.#ended(reason || `exit code ${code}`));
    return worker;
  }

  #hear(told: Told): void {
    if (told.kind === "warming") {
      this.tell.warming(told.share);
      return;
    }
    if (told.kind === "ready") {
      this.state = { status: "ready", detail: "" };
      this.#restart = RESTART.first;
      this.#settleLoaded.resolve();
    } else if (told.kind === "failed") {
      this.state = { status: "failed", detail: told.failure.message };
      this.#settleLoaded.reject(errorOf(told.failure));
    } else {
      const pending = this.#pending.get(told.id);
      if (pending === undefined) return;
      this.#pending.delete(told.id);
      this.load[pending.lane]--;
      if (told.kind === "answer") pending.resolve(told.value);
      else pending.reject(errorOf(told.failure));
    }
    this.tell.idle();
  }

  #ended(reason: string): void {
    const lost = new EngineLost(`${this.name} ended while it computed this (${reason})`);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const lane of ["predict", "long", "other"] as const) this.load[lane] = 0;
    for (const { reject } of pending) reject(lost);
    if (this.#ending) return;
    const failed = this.state.status === "failed";
    this.tell.lost(`${this.name}: ${failed ? this.state.detail : reason}`);
    if (!failed) this.state = { status: "loading", detail: "" };
    this.#settleLoaded.reject(lost);
    setTimeout(() => {
      if (!this.#ending) this.#worker = this.#start();
    }, this.#restart);
    this.#restart = Math.min(RESTART.last, 2 * this.#restart);
  }

  /** @param signal tells the thread to give it up; it then answers so */
  async ask<T>(
    lane: Lane,
    method: Method,
    args: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<T> {
    const id = ++this.#lastId;
    const tell = (ask: Ask) => this.#worker.postMessage(ask);
    const giveUp = () => tell({ method: "give up", id });
    signal?.addEventListener("abort", giveUp);
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { lane, resolve: resolve as (value: unknown) => void, reject });
        this.load[lane]++;
        tell({ id, method, args, long: lane === "long" });
      });
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async end(): Promise<void> {
    this.#ending = true;
    if (this.state.status !== "ready") {
      await this.#worker.terminate();
      return;
    }
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.postMessage({ method: "release" } satisfies Ask);
    await ended;
  }
}

function errorOf({ message, stack, input }: Failure): Error {
  if (input) return new InputError(input.problem, input.location);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
