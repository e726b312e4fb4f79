import type { InputLocation } from "../base/error.js";
import type { Engine } from "../serving/engine.js";

/** What an engine's thread is started with. */
export interface EngineSettings {
  /** Folder of the model. */
  readonly model: string;
  /** A drug vocabulary instead of the shipped one. */
  readonly drugs: string | undefined;
  /** Folder of the index of past trials. */
  readonly past: string | undefined;
  /** Processor cores of one thread. */
  readonly threads: number;
}

export type Method = Exclude<keyof Engine, "release">;

/** What the thread is asked: a method of {@link Engine}, to give one up, or to free all it holds and end. */
export type Ask =
  | {
      readonly id: number;
      readonly method: Method;
      readonly args: readonly unknown[];
      /** Whether others come between its parts; only then it can be given up. */
      readonly long: boolean;
    }
  | { readonly method: "give up"; readonly id: number }
  | { readonly method: "release" };
export type Question = Extract<Ask, { readonly args: unknown }>;

/** What the thread tells. */
export type Told =
  | {
      readonly kind: "warming";
      /** Of the work before it is ready that is done. */
      readonly share: number;
    }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly failure: Failure };

/** What is kept of an error on its way between threads. */
export interface Failure {
  readonly message: string;
  readonly stack: string | undefined;
  /** Of an InputError. */
  readonly input?: { readonly problem: string; readonly location: InputLocation } | undefined;
}
