import type { Api, LoadProgress } from "../api.js";
import { Problem } from "../problem.js";
import type { Ask, Method, Methods, Told } from "./messages.js";
import type { Source } from "./model-files.js";

export interface LocalApiOptions extends Partial<Source> {
  /** Gives up loading. */
  readonly signal?: AbortSignal;
}

/**
 * The model in a worker of this browser. While it is loaded, the server's model is fetched (or found in the browser's
 * cache); then nothing is asked of the network, so what is typed stays here. Without history, and without look-up.
 * @throws Problem if the model cannot be fetched, or is damaged or altered; AbortError
 */
export async function openLocalApi(
  progress: (progress: LoadProgress) => void,
  { base = document.baseURI, token, signal }: LocalApiOptions = {},
): Promise<Api> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, { resolve(value: never): void; reject(error: unknown): void }>();
  let ended: Problem | undefined;
  const end = (why: Problem) => {
    ended ??= why;
    worker.terminate(); // with all the memory that it has
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if (data.kind === "progress") return progress(data.progress);
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === "answer") asked?.resolve(data.value as never);
    else {
      const { message, status, fields } = data.failure;
      asked?.reject(new Problem(message, status, fields));
    }
  });
  worker.addEventListener("error", ({ message }) =>
    end(
      new Problem(
        `The model in this browser has stopped: ${message || "it cannot be loaded"}`,
        500,
      ),
    ),
  );

  let last = 0;
  const call = <M extends Method>(
    method: M,
    args: Parameters<Methods[M]>,
    signal?: AbortSignal,
  ): ReturnType<Methods[M]> => {
    const id = ++last;
    const tell = (ask: Ask) => worker.postMessage(ask);
    const answer = new Promise((resolve, reject) => {
      if (ended) throw ended;
      signal?.throwIfAborted();
      signal?.addEventListener("abort", () => {
        if (!waiting.delete(id)) return;
        tell({ id });
        reject(signal.reason);
      });
      waiting.set(id, { resolve, reject });
      tell({ id, method, args });
    });
    return answer as ReturnType<Methods[M]>;
  };

  try {
    const models = await call("load", [{ base, token }], signal);
    const { name, sha256 } = models[0]!;
    return {
      runsIn: "browser",
      unkept: "In this browser nothing is kept: save the answer if you want it.",
      async predict(trial, { signal }) {
        const prediction = await call("predict", [trial], signal);
        return {
          id: null,
          createdAt: new Date().toISOString(),
          model: { name, sha256 },
          prediction,
        };
      },
      explain: (trial, signal) => call("explain", [trial], signal),
      similar: (trial, count, signal) => call("similar", [trial, count], signal),
      draftOf: (study, signal) => call("draftOf", [study], signal),
      suggestDrugs: (text, count, signal) => call("suggestDrugs", [text, count], signal),
      suggestConditions: (text, count, signal) => call("suggestConditions", [text, count], signal),
      structure: (smiles, signal) => call("structure", [smiles], signal),
      models: async () => models,
      release: async () => end(new Problem("The model in this browser was switched off", 503)),
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
