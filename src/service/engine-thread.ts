/** What runs in an engine's thread: the predictor, asked by messages. */
import { parentPort, workerData } from "node:worker_threads";
import { InputError, messageOf } from "../base/error.js";
import type { Engine } from "../serving/engine.js";
import { openEngine } from "../serving/local-engine.js";
import type { Ask, EngineSettings, Failure, Told } from "./engine-messages.js";

type Question = Exclude<Ask, { method: "release" }>;

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

async function answer(engine: Engine, { id, method, args }: Question): Promise<void> {
  try {
    const call = engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
    tell({ kind: "answer", id, value: await call(...args) });
  } catch (error) {
    tell({ kind: "refusal", id, failure: failureOf(error) });
  }
}

try {
  const engine = await openEngine(workerData as EngineSettings);
  const running = new Set<Promise<void>>();
  port.on("message", async (ask: Ask) => {
    if (ask.method !== "release") {
      const own = answer(engine, ask).finally(() => running.delete(own));
      running.add(own);
      return;
    }
    await Promise.all(running);
    await engine.release();
    port.close();
  });
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "failed", failure: failureOf(error) });
}
