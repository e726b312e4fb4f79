import { InputError, messageOf } from "../../base/error.js";
import { dropFiles, holdFile } from "../../base/file.browser.js";
import { wordsOf } from "../../base/issue.js";
import type { Engine } from "../../serving/engine.js";
import { openEngine } from "../../serving/local-engine.js";
import { noPast } from "../../serving/past.js";
import { parseStudy } from "../../trial/ctgov.js";
import { Draft, type DraftInput, draftOf, trialOf } from "../../trial/draft.js";
import { whyNoStudy } from "../../trial/no-study.js";
import type { Trial } from "../../trial/record.js";
import type { LoadProgress } from "../api.js";
import { Problem } from "../problem.js";
import type { Ask, Failure, Method, Methods, Told } from "./messages.js";
import { fetchModel, listModels } from "./model-files.js";

// The model in the browser: the engine of the service's threads, on files that are fetched before it is opened. Once
// it is loaded, nothing is asked of the network.

/** The folder of the model, for the engine. Vocabularies stand for those of the package, and an index beside it. */
const MODEL = "model";
const PAST = "past";
const isBeside = (name: string) => name.endsWith(".tsv") || name.startsWith(`${PAST}/`);
const WARM_UP = trialOf(Draft.parse({ phase: "1", eligibilityCriteria: "None" }));

let opened: Engine | undefined;
let hasPast = false;
function engine(): Engine {
  if (!opened) throw new Error("nothing is loaded");
  return opened;
}

const methods: Methods = {
  async load(source) {
    const models = await listModels(source);
    const [model] = models;
    if (!model) throw new Problem("The server has no model", 404);
    const progress = (progress: LoadProgress) => tell({ kind: "progress", progress });
    const files = await fetchModel(source, model, progress);
    const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    progress({ what: "the model is opened", bytes: total, total });
    for (const [name, bytes] of files) holdFile(isBeside(name) ? name : `${MODEL}/${name}`, bytes);
    hasPast = [...files.keys()].some((name) => name.startsWith(`${PAST}/`));
    // The runtime has threads for all sessions.
    opened = await openEngine({ model: MODEL, past: hasPast ? PAST : undefined, threads: 1 });
    dropFiles();
    await opened.predict([WARM_UP]); // fetches the runtime, and the first trial need not wait for graphs
    return models;
  },
  predict: async (trial) => (await engine().predict([checked(trial)]))[0]!,
  explain: (trial, signal) => engine().explain(checked(trial), { signal }),
  similar: (trial, count) => {
    if (!hasPast) throw new Problem(noPast().message, 404);
    return engine().similar(checked(trial), count);
  },
  suggestDrugs: (text, count) => engine().suggestDrugs(text, count),
  suggestConditions: (text, count) => engine().suggestConditions(text, count),
  structure: (smiles) => engine().structure(smiles),
  draftOf: async (study) => {
    try {
      return draftOf(parseStudy(study, { file: "", row: 0 }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new Problem(whyNoStudy(error), 400);
    }
  },
};

/** @throws Problem naming every field that does not fit, as the service does */
function checked(draft: DraftInput): Trial {
  const { data, error } = Draft.safeParse(draft);
  if (data) return trialOf(data);
  const fields = error.issues.map((issue) => ({
    field: ["", "trial", ...issue.path].join("/"),
    message: wordsOf(issue),
  }));
  throw new Problem("The trial does not fit", 400, fields);
}

/**
 * Calls that wait for those before them, in two lanes: an explanation takes long, and lets predictions through
 * between its parts.
 */
const lanes = new Map<boolean, Promise<void>>();
/** Calls that have no answer yet, to give them up by. */
const unanswered = new Map<number, AbortController>();

self.addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  if (data.method === undefined) {
    unanswered.get(data.id)?.abort();
    return;
  }
  const { id, method, args } = data;
  const control = new AbortController();
  unanswered.set(id, control);
  const isLong = method === "explain";
  const before = lanes.get(isLong) ?? Promise.resolve();
  lanes.set(
    isLong,
    before.then(() => answer(id, method, args, control.signal)),
  );
});

async function answer(
  id: number,
  method: Method,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve)); // what has been given up meanwhile is told first
  try {
    signal.throwIfAborted();
    const call = methods[method] as (...args: readonly unknown[]) => Promise<unknown>;
    tell({ kind: "answer", id, value: await call(...args, signal) });
  } catch (error) {
    if (!signal.aborted) tell({ kind: "refusal", id, failure: failureOf(error) });
  }
  unanswered.delete(id);
}

function failureOf(error: unknown): Failure {
  if (error instanceof Problem)
    return { message: error.message, status: error.status, fields: error.fields };
  return { message: messageOf(error), status: error instanceof InputError ? 400 : 500, fields: [] };
}

function tell(told: Told): void {
  self.postMessage(told);
}
