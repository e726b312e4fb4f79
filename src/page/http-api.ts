import type { Neighbour } from "../serving/answer.js";
import type { DraftInput } from "../trial/draft.js";
import type { Answer, Api, HistoryApi, Settings } from "./api.js";
import { type FieldProblem, isGivenUp, Problem } from "./problem.js";

interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}
type Send = <T>(path: string, request?: Request) => Promise<T>;

/** What the server says of itself, which needs no token, and of a token what it allows. @throws Problem */
export const settingsOf = (base: string, token: string | null, signal: AbortSignal) =>
  sender(base, token, () => {})<Settings>("v1/settings", { signal });

/** The server's API. @param refuse is told why, when the token is not taken */
export function openHttpApi(
  base: string,
  settings: Settings,
  token: string | null,
  refuse: (reason: string) => void,
): Api {
  const send = sender(base, token, refuse);
  const post = <T>(path: string, body: unknown, signal?: AbortSignal) =>
    send<T>(path, { method: "POST", body, signal });
  const mayWrite = settings.scopes?.includes("write") === true;
  return {
    runsIn: "server",
    unkept: !settings.history
      ? "This server keeps no history: the answer is not kept."
      : mayWrite
        ? undefined
        : "Your token may only read: answers are not kept, and outcomes cannot be added.",
    predict: (trial, { keep, signal }) =>
      post<Answer>(`v1/predictions${keep ? "" : "?keep=false"}`, question(trial), signal),
    explain: (trial, signal) => post("v1/explanations", question(trial), signal),
    ...(settings.past && {
      similar: async (trial: DraftInput, count: number, signal?: AbortSignal) =>
        (
          await post<{ neighbours: Neighbour[] }>(
            `v1/similar${query({ count })}`,
            question(trial),
            signal,
          )
        ).neighbours,
    }),
    draftOf: async (study, signal) =>
      (await post<{ draft: never }>("v1/drafts", { study }, signal)).draft,
    suggestDrugs: async (q, count, signal) =>
      (await send<{ suggestions: never }>(`v1/drugs${query({ q, count })}`, { signal }))
        .suggestions,
    suggestConditions: async (q, count, signal) =>
      (await send<{ suggestions: never }>(`v1/conditions${query({ q, count })}`, { signal }))
        .suggestions,
    structure: (smiles, signal) => send(`v1/structures${query({ smiles })}`, { signal }),
    models: async (signal) => (await send<{ models: never }>("v1/models", { signal })).models,
    lookUp: (nctId, signal) => send(`v1/trials/${encodeURIComponent(nctId)}`, { signal }),
    ...(settings.history && { history: historyOver(send, mayWrite) }),
    release: async () => {},
  };
}

const question = (trial: DraftInput) => ({ trial });

function historyOver(send: Send, mayChange: boolean): HistoryApi {
  const row = (id: string) => `v1/predictions/${encodeURIComponent(id)}`;
  return {
    mayChange,
    search: (filter, signal) => send(`v1/predictions${query({ ...filter })}`, { signal }),
    get: (id, signal) => send(row(id), { signal }),
    setLabel: (id, label, note) =>
      send(`${row(id)}/label`, { method: "PUT", body: { label, ...(note !== "" && { note }) } }),
    remove: (id) => send(row(id), { method: "DELETE" }),
    performance: (signal) => send("v1/performance", { signal }),
  };
}

/** A query string of what is given and not empty. */
function query(fields: Record<string, string | number | undefined>): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(
    entries.map(([name, value]) => [name, String(value)]),
  ).toString();
  return text === "" ? "" : `?${text}`;
}

function sender(base: string, token: string | null, refuse: (reason: string) => void): Send {
  return async <T>(path: string, { method = "GET", body, signal }: Request = {}) => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, base), {
        method,
        headers: {
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
        referrerPolicy: "no-referrer",
        cache: "no-store",
      });
      text = await response.text();
    } catch (error) {
      if (isGivenUp(error)) throw error;
      throw new Problem(
        "The server cannot be reached. Is it running, and is the network there?",
        0,
      );
    }
    if (!response.ok) {
      const problem = problemOf(response, text);
      if (problem.status === 401) refuse(problem.message);
      throw problem;
    }
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return (isJson ? JSON.parse(text) : text) as T;
  };
}

function problemOf(response: Response, text: string): Problem {
  const { title, detail, errors } = detailsOf(text);
  const after = Number(response.headers.get("retry-after") ?? Number.NaN);
  const words = detail ?? title ?? `The server answered ${response.status} ${response.statusText}`;
  return new Problem(
    words,
    response.status,
    errors ?? [],
    Number.isFinite(after) ? after : undefined,
  );
}

/** The fields of RFC 9457 that are there; none where something between us and the server answered. */
function detailsOf(text: string): { title?: string; detail?: string; errors?: FieldProblem[] } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
