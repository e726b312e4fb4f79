import { InputError, messageOf } from "../../base/error.js";
import { dropFiles, holdFile } from "../../base/file.browser.js";
import type { Engine } from "../../serving/engine.js";
import { openEngine } from "../../serving/local-engine.js";
import { parseStudy } from "../../trial/ctgov.js";
import { Draft, type DraftInput, draftOf, trialOf } from "../../trial/draft.js";
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
    const past = [...files.keys()].some((name) => name.startsWith(`${PAST}/`)) ? PAST : undefined;
    opened = await openEngine({ model: MODEL, past, threads: 1 }); // the runtime has threads for all sessions
    dropFiles();
    await opened.predict([WARM_UP]); // fetches the runtime, and the first trial need not wait for graphs
    return models;
  },
  predict: async (trial) => (await engine().predict([checked(trial)]))[0]!,
  explain: (trial) => engine().explain(checked(trial)),
  similar: (trial, count) => engine().similar(checked(trial), count),
  suggestDrugs: (text, count) => engine().suggestDrugs(text, count),
  suggestConditions: (text, count) => engine().suggestConditions(text, count),
  structure: (smiles) => engine().structure(smiles),
  draftOf: async (study) => draftOf(parseStudy(study, { file: "the record", row: 1 })),
};

/** @throws Problem naming every field that does not fit, as the service does */
function checked(draft: DraftInput): Trial {
  const { data, error } = Draft.safeParse(draft);
  if (data) return trialOf(data);
  const fields = error.issues.map(({ path, message }) => ({
    field: ["", "trial", ...path].join("/"),
    message,
  }));
  throw new Problem("The trial does not fit", 400, fields);
}

/**
 * Calls that wait for those before them, in two lanes: an explanation takes long, and lets predictions through
 * between its parts.
 */
const lanes = new Map<boolean, Promise<void>>();
const givenUp = new Set<number>();

self.addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  if (data.method === undefined) {
    givenUp.add(data.id);
    return;
  }
  const { id, method, args } = data;
  const isLong = method === "explain";
  const before = lanes.get(isLong) ?? Promise.resolve();
  lanes.set(
    isLong,
    before.then(() => answer(id, method, args)),
  );
});

async function answer(id: number, method: Method, args: readonly unknown[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve)); // what has been given up meanwhile is told first
  if (givenUp.delete(id)) return;
  try {
    const call = methods[method] as (...args: readonly unknown[]) => Promise<unknown>;
    tell({ kind: "answer", id, value: await call(...args) });
  } catch (error) {
    tell({ kind: "refusal", id, failure: failureOf(error) });
  }
  givenUp.delete(id);
}

function failureOf(error: unknown): Failure {
  if (error instanceof Problem)
    return { message: error.message, status: error.status, fields: error.fields };
  return { message: messageOf(error), status: error instanceof InputError ? 400 : 500, fields: [] };
}

function tell(told: Told): void {
  self.postMessage(told);
}
