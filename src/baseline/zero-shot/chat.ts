import { z } from "zod";
import { InputError } from "../../base/error.js";
import { request } from "../../base/http.js";
import { tryParseJson } from "../../base/json.js";
import { retry, Transient } from "../../base/retry.js";
import type { Message } from "./prompt.js";

/** An endpoint that speaks OpenAI's chat-completions protocol. */
export interface Endpoint {
  /** With or without the version, such as "http://localhost:8080" or "https://host/v1". */
  readonly url: string;
  readonly model: string;
  /** Seconds to wait for one answer. */
  readonly timeout: number;
}

export interface Completion {
  /** What the model wrote, or the reason that it gave for writing nothing. */
  readonly text: string;
  /** Whether the endpoint itself says that it refused. */
  readonly isRefusal: boolean;
  /** Tokens of the prompt and of the answer, where the endpoint says. */
  readonly tokens: { readonly prompt: number; readonly completion: number } | null;
}

/** Holds the API key; read when it is needed, never written. */
const KEY_VARIABLE = "OPENAI_API_KEY";
const RETRY = { attempts: 6, firstWait: 1000, longestWait: 300_000 };

const Answer = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z
    .object({ prompt_tokens: z.number(), completion_tokens: z.number() })
    .nullish()
    .catch(null),
});
const Failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const CONTENT_FILTER = "content_filter";

/**
 * Asks for one completion at temperature 0. What may pass is tried again with back-off: status 429 and
 * 5xx (as long after as Retry-After says), timeouts, lost connections, bodies that are not whole.
 * @param check called while waiting; what it throws ends the waiting
 * @throws InputError if the endpoint cannot be used, with what it said
 */
export async function complete(
  { url, model, timeout }: Endpoint,
  messages: readonly Message[],
  check: () => void,
): Promise<Completion> {
  const address = completionsUrl(url);
  const key = process.env[KEY_VARIABLE];
  const init = {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    },
    body: JSON.stringify({ model, temperature: 0, messages }),
  };
  /** An endpoint may send back what it was sent. */
  const withoutKey = (text: string) => (key ? text.replaceAll(key, "…") : text).slice(0, 200);
  const fail = (problem: string, remedy: string) =>
    new InputError(withoutKey(problem), { file: address.split("?")[0], remedy });
  try {
    return await retry(
      async () => {
        const { status, body } = await request(address, init, timeout * 1000);
        if (status === 200) return readCompletion(body);
        const failure = Failure.safeParse(tryParseJson(body)).data?.error;
        if (failure?.code === CONTENT_FILTER)
          return { text: failure.message, isRefusal: true, tokens: null };
        throw fail(`answered with status ${status}: ${body}`, remedyFor(status));
      },
      { ...RETRY, check },
    );
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    throw fail(error.message, "Check the endpoint and run again: answers so far are kept");
  }
}

/** @throws Transient if the body is not an answer of the protocol */
function readCompletion(body: string): Completion {
  const answer = Answer.safeParse(tryParseJson(body));
  if (!answer.success) throw new Transient(`sent no chat completion: ${body}`);
  const { choices, usage } = answer.data;
  const { message, finish_reason: reason } = choices[0]!;
  return {
    text: message.refusal || message.content || reason || "",
    isRefusal: Boolean(message.refusal) || reason === CONTENT_FILTER,
    tokens: usage ? { prompt: usage.prompt_tokens, completion: usage.completion_tokens } : null,
  };
}

/** @throws InputError if the address is none that can be asked */
export function completionsUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new InputError("the language model's address is not a plain http or https URL", {
      field: "--llm-url",
      remedy: `Give one such as http://localhost:8080, and a key in ${KEY_VARIABLE}`,
    });
  const path = url.pathname.replace(/\/+$/, "");
  if (path.endsWith("/chat/completions")) url.pathname = path;
  else url.pathname = `${path}${/\/v\d+[a-z]*$/.test(path) ? "" : "/v1"}/chat/completions`;
  return url.href;
}

function remedyFor(status: number): string {
  if (status === 401 || status === 403)
    return `Set ${KEY_VARIABLE} to a key that may use the model`;
  if (status === 404) return "Check --llm-url and --llm-model";
  if (status >= 300 && status < 400) return "Give the address that it redirects to";
  return "Check --llm-model, and that its context is long enough for the criteria";
}
