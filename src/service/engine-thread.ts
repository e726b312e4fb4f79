/** What runs in an engine's thread: the predictor, asked by messages. */
import { parentPort, workerData } from "node:worker_threads";
import { InputError, messageOf } from "../base/error.js";
import type { Engine } from "../serving/engine.js";
import { openEngine } from "../serving/local-engine.js";
import type { Ask, EngineSettings, Failure, Question, Told } from "./engine-messages.js";
import { Turns } from "./turns.js";

const port = parentPort!;
const tell = (told: Told) => port.postMessage(told);

function failureOf(error: unknown): Failure {
  return {
    message: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
    input:
      error instanceof InputError
        ? { problem: error.problem, location: { ...error.location } }
        : undefined,
  };
}

const turns = new Turns();

/** Long work, which can be given up. */
const working = new Map<number, AbortController>();

async function valueFor(engine: Engine, { id, method, args, long }: Question): Promise<unknown> {
  const call = engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
  if (!long) return turns.ahead(() => call(...args));
  const stop = new AbortController();
  working.set(id, stop);
  try {
    return await call(...args, { signal: stop.signal, turn: () => turns.next() });
  } finally {
    working.delete(id);
  }
}

async function answer(engine: Engine, question: Question): Promise<void> {
  const { id } = question;
  try {
    tell({ kind: "answer", id, value: await valueFor(engine, question) });
  } catch (error) {
    tell({ kind: "refusal", id, failure: failureOf(error) });
  }
}

try {
  const engine = await openEngine(workerData as EngineSettings);
  const running = new Set<Promise<void>>();
  port.on("message", async (ask: Ask) => {
    if (ask.method === "release") {
      await Promise.all(running);
      await engine.release();
      port.close();
    } else if (ask.method === "give up") working.get(ask.id)?.abort();
    else {
      const own = answer(engine, ask).finally(() => running.delete(own));
      running.add(own);
    }
  });
  await engine.warmUp((share) => tell({ kind: "warming", share }));
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "failed", failure: failureOf(error) });
}
