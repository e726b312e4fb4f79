import { join } from "node:path";
import { InputError } from "../../base/error.js";
import { sha256 } from "../../base/file.js";
import { Journal } from "../../base/journal.js";
import { Interrupted } from "../../base/watcher.js";
import { type Completion, complete, completionsUrl, type Endpoint } from "./chat.js";
import { type Message, type Outcome, promptOf, readAnswer } from "./prompt.js";
import type { RankedTrial, Ranker } from "./ranker.js";

export interface LlmOptions extends Endpoint {
  /** Requests under way at the same time. */
  readonly concurrency: number;
  /** Price of a million tokens of the prompts and of the answers, in a currency of the user's. */
  readonly prices?: { readonly prompt: number; readonly completion: number } | undefined;
}

export const LLM_DEFAULTS = { timeout: 120, concurrency: 4 } as const;

/** Of all trials of one ranking, however often the run was stopped and begun again. */
export interface LlmReport {
  readonly model: string;
  /** Different prompts that were sent now, and those whose answers were kept from before. */
  readonly asked: number;
  readonly cached: number;
  readonly refused: number;
  readonly unparsable: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Answers whose tokens the endpoint did not say: they are missing in the sums. */
  readonly withoutUsage: number;
  /** In the currency of the prices; null without prices, or where tokens are missing. */
  readonly cost: number | null;
  /** Trials that got {@link UNKNOWN} for want of a probability, and what the model wrote instead. */
  readonly unanswered: readonly {
    readonly nctId: string;
    readonly why: Exclude<Outcome, "answered">;
    readonly text: string;
  }[];
}

/** What is kept of an answer. */
interface Kept {
  readonly outcome: Outcome;
  readonly probability?: number | undefined;
  /** The beginning of what the model wrote. */
  readonly text: string;
  readonly tokens: Completion["tokens"];
}

const UNKNOWN = 0.5;
const TEXT_LENGTH = 200;

/**
 * P(success) as a language model says it when asked (see {@link promptOf}), over any endpoint that
 * speaks OpenAI's chat-completions protocol. The criteria are sent to the endpoint that the user named
 * and nowhere else. Every answer is kept under the hash of endpoint, model and prompt, so that nothing is
 * asked twice; who gives no probability is counted and quoted in the report, and its trial gets 1/2. A model
 * that gives none for any trial has not ranked, and fails.
 */
export const llm: Ranker = {
  name: "llm",
  title: "prompted language model",
  needs: "llm",
  readsStates: false,
  areProbabilities: true,
  async rank(trials, { llm: options, watcher, cache }) {
    if (!options) throw noLlm();
    const address = completionsUrl(options.url);
    const file = join(cache, "llm.ndjson");
    const answers = new Journal<Kept>(file);
    const prompts = new Map<string, Message[]>();
    const keys = trials.map((trial) => {
      const messages = promptOf(trial);
      const key = sha256(JSON.stringify([address, options.model, messages]));
      prompts.set(key, messages);
      return key;
    });
    const missing = [...prompts].filter(([key]) => answers.get(key) === undefined);
    let done = 0;
    const check = () => {
      if (watcher.stopping()) throw new Interrupted(cache, "by running the command again");
    };
    await inParallel(missing, options.concurrency, async ([key, messages]) => {
      watcher.report({ stage: `Asking ${options.model}`, done, total: missing.length });
      check();
      answers.put(key, keep(await complete(options, messages, check)));
      done++;
    });
    const kept = new Map([...prompts.keys()].map((key) => [key, answers.get(key)!]));
    const ofTrials = keys.map((key) => kept.get(key)!);
    const report = reportOf(options, [...kept.values()], missing.length, trials, ofTrials);
    const { refused, unparsable, unanswered } = report;
    const why = `${refused} answers refused, ${unparsable} unparsable`;
    if (trials.length > 0 && unanswered.length === trials.length)
      throw new InputError(
        `${options.model} gave no probability for any of ${trials.length} trials (${why}); ` +
          `the first answer begins ${JSON.stringify(unanswered[0]!.text)}`,
        {
          field: "--llm-model",
          remedy: `Name a model that answers with the JSON object asked for; to ask this one again, remove ${file}`,
        },
      );
    if (unanswered.length > 0)
      watcher.say(
        `${options.model} gave no probability for ${unanswered.length} of ${trials.length} ` +
          `trials, which count as ${UNKNOWN}: ${why}`,
      );
    return {
      scores: Float64Array.from(ofTrials, ({ probability }) => probability ?? UNKNOWN),
      llm: report,
    };
  },
};

/** Of a method that asks where there is nobody to ask. */
export const noLlm = (): InputError =>
  new InputError("no language model is given to be asked", {
    remedy: "Name an endpoint with --llm-url and a model with --llm-model",
  });

function keep({ text, isRefusal, tokens }: Completion): Kept {
  const read = isRefusal ? { outcome: "refused" as const } : readAnswer(text);
  return { ...read, text: text.slice(0, TEXT_LENGTH), tokens };
}

function reportOf(
  { model, prices }: LlmOptions,
  kept: readonly Kept[],
  asked: number,
  trials: readonly RankedTrial[],
  ofTrials: readonly Kept[],
): LlmReport {
  const count = (outcome: Outcome) => kept.filter((one) => one.outcome === outcome).length;
  const sum = (side: "prompt" | "completion") =>
    kept.reduce((total, { tokens }) => total + (tokens?.[side] ?? 0), 0);
  const [promptTokens, completionTokens] = [sum("prompt"), sum("completion")];
  const withoutUsage = kept.filter(({ tokens }) => tokens === null).length;
  return {
    model,
    asked,
    cached: kept.length - asked,
    refused: count("refused"),
    unparsable: count("unparsable"),
    promptTokens,
    completionTokens,
    withoutUsage,
    cost:
      prices && withoutUsage === 0
        ? (promptTokens * prices.prompt + completionTokens * prices.completion) / 1e6
        : null,
    unanswered: ofTrials.flatMap(({ outcome, text }, i) =>
      outcome === "answered" ? [] : [{ nctId: trials[i]!.features.nctId, why: outcome, text }],
    ),
  };
}

/** Works on all items, some at a time. After an error nothing new is begun, and what runs is finished. */
async function inParallel<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const errors: unknown[] = [];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of left) {
        if (errors.length > 0) return;
        await work(item).catch((error) => errors.push(error));
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
}
