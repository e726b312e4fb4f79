/**
 * What stands in for an engine's thread in tests: it answers at once, and does what the first line of the criteria
 * tells it to: "wait 200" (milliseconds), "fail", "refuse", "end". A model named "absent" cannot be loaded.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Neighbour, Prediction } from "../serving/answer.js";
import type { Trial } from "../trial/index.js";
import type { Ask, EngineSettings, Failure, Question, Told } from "./engine-messages.js";

const port = parentPort!;
const tell = (told: Told) => port.postMessage(told);

/** @param lot trials that are computed with it */
function predictionOf({ nctId, phase, eligibilityCriteria }: Trial, lot: number): Prediction {
  return {
    nctId,
    phase,
    probability: Math.min(1, eligibilityCriteria.length / 1000),
    interval: [0, 1],
    baseRate: { successes: 1, trials: 2 },
    molecules: [],
    missing: [`in a lot of ${lot}`],
    reading: {
      molecules: [],
      unresolvedDrugs: [],
      ignoredInterventions: [],
      diseases: [],
      unresolvedConditions: [],
      inclusion: [eligibilityCriteria],
      exclusion: [],
      tokens: eligibilityCriteria.length,
    },
    usedIn: [],
  };
}

const NEIGHBOUR: Neighbour = {
  nctId: "NCT00000002",
  title: null,
  phase: "2",
  conditions: ["Asthma"],
  drugs: [],
  similarity: 0.5,
  outcome: { label: 1, status: null, whyStopped: null, startDate: null, completionDate: null },
  url: "https://clinicaltrials.gov/study/NCT00000002",
};

const givingUp = new Map<number, (reason: Error) => void>();
const givenUp = (id: number): Promise<never> =>
  new Promise((_, reject) => {
    givingUp.set(id, reject);
  });

async function obey(trials: readonly Trial[]): Promise<void> {
  for (const { eligibilityCriteria } of trials) {
    const [told] = eligibilityCriteria.split("\n", 1);
    const [, wait] = /^wait (\d+)$/.exec(told!) ?? [];
    if (wait !== undefined) await sleep(Number(wait));
    if (told === "end") process.exit(7); // of the thread
    if (told === "fail") throw new Error("a fault that quotes: fail");
  }
}

const refusal = (problem: string): { failure: Failure } => ({
  failure: {
    message: problem,
    stack: undefined,
    input: { problem, location: { remedy: "Give another" } },
  },
});

async function answer(ask: Question): Promise<unknown> {
  const [first] = ask.args;
  switch (ask.method) {
    case "predict": {
      const trials = first as readonly Trial[];
      await Promise.race([obey(trials), ...(ask.long ? [givenUp(ask.id)] : [])]);
      return trials.map((trial) => predictionOf(trial, trials.length));
    }
    case "explain":
      await Promise.race([obey([first as Trial]), givenUp(ask.id)]);
      return {
        prediction: predictionOf(first as Trial, 1),
        attributions: [{ kind: "inclusion", text: "Adults", effect: 1.5 }],
      };
    case "similar":
      return [NEIGHBOUR];
    case "suggestDrugs":
      return [{ name: String(first), smiles: ["C"] }];
    case "suggestConditions":
      return [{ name: String(first), codes: ["J45"] }];
    case "structure":
      return "<svg xmlns='http://www.w3.org/2000/svg'/>";
  }
}

const { model } = workerData as EngineSettings;
if (model === "absent") tell({ kind: "failed", ...refusal("there is no model") });
else {
  port.on("message", async (ask: Ask) => {
    if (ask.method === "release") {
      port.close();
      return;
    }
    if (ask.method === "give up") {
      givingUp.get(ask.id)?.(new Error("given up"));
      return;
    }
    const { id } = ask;
    if (ask.method === "structure" && ask.args[0] === "bad") {
      tell({ kind: "refusal", id, ...refusal("is no SMILES") });
      return;
    }
    try {
      tell({ kind: "answer", id, value: await answer(ask) });
    } catch (error) {
      const { message, stack } = error as Error;
      tell({ kind: "refusal", id, failure: { message, stack } });
    }
  });
  tell({ kind: "ready" });
}
