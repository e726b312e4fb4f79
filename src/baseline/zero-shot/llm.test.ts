import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { completionsUrl } from "./chat.js";
import { type LlmOptions, llm } from "./llm.js";
import { readAnswer } from "./prompt.js";
import { rankContext, rankedTrial } from "./test-support.js";

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly temperature: number;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}

/** What the server was asked since the test began, and how it answers. */
let asked: Asked[] = [];
let respond: (response: ServerResponse, asked: Asked) => void;
const server = createServer(async (incoming, response) => {
  let body = "";
  for await (const part of incoming) body += part;
  const one = { path: incoming.url!, headers: incoming.headers, body: JSON.parse(body) };
  asked.push(one);
  respond(response, one);
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const root = mkdtempSync(join(tmpdir(), "cladmop-llm-"));
process.env.OPENAI_API_KEY = "sk-secret";
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
});

const USAGE = { prompt_tokens: 100, completion_tokens: 10 };
/** An answer of the protocol. */
const say = (content: string | null, { message = {}, ...rest }: Record<string, unknown> = {}) =>
  JSON.stringify({
    choices: [
      { message: { role: "assistant", content, ...(message as object) }, finish_reason: "stop" },
    ],
    usage: USAGE,
    ...rest,
  });
const probability = (p: number) => say(`{"probability": ${p}}`);
const NOW = { "retry-after": "0" };

/** Ranks trials with the given criteria against the server, answers kept in a folder of the test's own. */
function ask(cache: string, texts: readonly string[], options: Partial<LlmOptions> = {}) {
  asked = [];
  const said: string[] = [];
  const trials = texts.map((text, i) => rankedTrial({ nctId: `NCT${i}`, text }));
  const context = rankContext({
    cache: join(root, cache),
    watcher: { report() {}, say: (line) => said.push(line), stopping: () => false },
    llm: { url, model: "tiny", timeout: 5, concurrency: 2, ...options },
  });
  return llm.rank(trials, context).then(({ scores, llm: report }) => ({
    scores: [...scores],
    report: report!,
    said,
  }));
}

test("each trial is asked once, and what it took is added up", async () => {
  respond = (response, { body }) =>
    response.end(probability(body.messages[1]!.content.includes("asthma cough") ? 0.25 : 0.75));
  const prices = { prompt: 2, completion: 10 };
  const texts = ["- asthma cough", "- adults", "- adults"]; // one prompt for the two that are equal
  const first = await ask("whole", texts, { prices });
  assert.deepEqual(first.scores, [0.25, 0.75, 0.75]);
  assert.deepEqual(first.report, {
    model: "tiny",
    asked: 2,
    cached: 0,
    refused: 0,
    unparsable: 0,
    promptTokens: 200,
    completionTokens: 20,
    withoutUsage: 0,
    cost: (200 * 2 + 20 * 10) / 1e6,
    unanswered: [],
  });
  assert.deepEqual(first.said, []);
  assert.equal(asked.length, 2);
  const { path, headers, body } = asked.find(({ body }) => /adults/.test(JSON.stringify(body)))!;
  assert.equal(path, "/v1/chat/completions");
  assert.equal(headers.authorization, "Bearer sk-secret");
  assert.deepEqual([body.model, body.temperature], ["tiny", 0]);
  assert.deepEqual(
    body.messages.map(({ role }) => role),
    ["system", "user"],
  );
  assert.equal(
    body.messages[1]!.content,
    "Phase: 1\nConditions: asthma\nInterventions: ethanol\nEligibility criteria:\n- adults",
  );
  assert.doesNotMatch(JSON.stringify(body), /NCT/); // a model may know the trial by its id

  const again = await ask("whole", texts, { prices });
  assert.equal(asked.length, 0);
  assert.deepEqual(again.scores, first.scores);
  assert.deepEqual(again.report, { ...first.report, asked: 0, cached: 2 });
  for (const other of [{ model: "other" }, { url: `${url}/other` }]) {
    await ask("whole", texts, other);
    assert.equal(asked.length, 2, "answers of another model or endpoint are not taken");
  }
  assert.doesNotMatch(readFileSync(join(root, "whole", "llm.ndjson"), "utf8"), /sk-secret/);
});

test("what may pass is asked again: 429 as told, 500, a timeout, a body that is not whole", async () => {
  const faults: ((response: ServerResponse) => void)[] = [
    (response) => response.end('{"choices": [{"mess'),
    () => {}, // never answers
    (response) => response.writeHead(500, NOW).end("broken"),
    (response) => response.writeHead(429, NOW).end(),
    (response) => response.end(probability(0.6)),
  ];
  respond = (response) => faults[asked.length - 1]!(response);
  const { scores, report } = await ask("faults", ["- adults"], { timeout: 0.2 });
  assert.deepEqual(scores, [0.6]);
  assert.equal(asked.length, faults.length);
  assert.equal(report.asked, 1);
  assert.deepEqual(report.unanswered, []);
});

test("an endpoint that stays broken stops the run; answers so far are kept, the key is not told", async () => {
  respond = (response, { body }) =>
    /adults/.test(body.messages[1]!.content)
      ? response.end(probability(0.5))
      : response.writeHead(503, NOW).end("no sk-secret for you");
  const texts = ["- adults", "- children"];
  await assert.rejects(ask("broken", texts), (error: Error) => {
    assert.equal(error.name, "InputError");
    assert.match(error.message, /status 503: no … for you\. .*run again: answers so far are kept/);
    return true;
  });
  assert.equal(asked.length, 1 + 6);
  respond = (response) => response.end(probability(0.9));
  assert.deepEqual((await ask("broken", texts)).scores, [0.5, 0.9]);
  assert.equal(asked.length, 1);
});

test("a request that is wrong stops the run at once and says what to change", async () => {
  const faults: [number, RegExp][] = [
    [401, /status 401: why .*Set OPENAI_API_KEY/],
    [404, /status 404: why .*Check --llm-url and --llm-model/],
    [400, /status 400: why .*context is long enough/],
    [307, /status 307: why .*Give the address that it redirects to/],
  ];
  for (const [status, message] of faults) {
    respond = (response) => response.writeHead(status, { location: "/" }).end("why ".repeat(999));
    await assert.rejects(ask("wrong", ["- adults"]), { name: "InputError", message });
    assert.equal(asked.length, 1);
  }
});

test("who gives no probability is counted, quoted and named; its trial gets one half", async () => {
  const answers: [string, string, status?: number][] = [
    ["refused", say("I'm sorry, but I cannot predict this.")],
    ["refused", say(null, { message: { refusal: "Against my policy" } })],
    ["refused", JSON.stringify({ error: { code: "content_filter", message: "filtered" } }), 400],
    ["unparsable", say(`It is likely. ${"x".repeat(500)}`)],
    ["unparsable", say('{"probability": 80}')],
    ["unparsable", say(null)],
    ["answered", probability(0.8)],
  ];
  respond = (response, { body }) => {
    const [, text, status] = answers[Number(/case (\d)/.exec(body.messages[1]!.content)![1])]!;
    response.writeHead(status ?? 200).end(text);
  };
  const texts = answers.map((_, i) => `- case ${i}`);
  const { scores, report, said } = await ask("refusals", texts);
  assert.deepEqual(scores, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.8]);
  assert.deepEqual([report.refused, report.unparsable], [3, 3]);
  assert.deepEqual(
    report.unanswered.map(({ nctId, why }) => `${nctId} ${why}`),
    answers.slice(0, -1).map(([why], i) => `NCT${i} ${why}`),
  );
  const quoted = report.unanswered.map(({ text }) => text);
  assert.deepEqual(quoted.slice(0, 3), [
    "I'm sorry, but I cannot predict this.",
    "Against my policy",
    "filtered",
  ]);
  assert.equal(quoted[3]!.length, 200);
  assert.equal(said.length, 1);
  assert.match(said[0]!, /no probability for 6 of 7 trials.*3 answers refused, 3 unparsable/);
  assert.deepEqual((await ask("refusals", texts)).report.unanswered, report.unanswered);
  assert.equal(asked.length, 0);
});

test("a model that gives no probability at all fails, and says how it answered", async () => {
  respond = (response) => response.end(say("It is\nlikely."));
  for (const already of [0, 2]) {
    await assert.rejects(ask("useless", ["- adults", "- children"]), {
      name: "InputError",
      message:
        /"--llm-model": tiny gave no .* any of 2 trials \(0 answers refused, 2 unparsable\); .*"It is\\nlikely\."\. .*remove .*llm\.ndjson/,
    });
    assert.equal(asked.length, 2 - already);
  }
});

test("tokens that the endpoint does not say leave the cost open", async () => {
  respond = (response, { body }) =>
    response.end(
      /adults/.test(body.messages[1]!.content)
        ? say('{"probability": 0.5}', { usage: undefined })
        : probability(0.5),
    );
  const prices = { prompt: 1, completion: 1 };
  const { report } = await ask("usage", ["- adults", "- children"], { prices });
  const { promptTokens, completionTokens, withoutUsage, cost } = report;
  assert.deepEqual([promptTokens, completionTokens, withoutUsage, cost], [100, 10, 1, null]);
  assert.equal((await ask("usage", ["- children"])).report.cost, null); // no prices
});

test("no more requests are under way than allowed; a stopped run asks only what is missing", async () => {
  let underWay = 0;
  let most = 0;
  let stop = false;
  respond = (response) => {
    most = Math.max(most, ++underWay);
    setTimeout(() => {
      underWay--;
      stop ||= asked.length >= 5;
      response.end(probability(0.5));
    }, 20);
  };
  const trials = Array.from({ length: 12 }, (_, i) => rankedTrial({ text: `- case ${i}` }));
  const options = { url, model: "tiny", timeout: 5, concurrency: 3 };
  const watcher = { report() {}, say() {}, stopping: () => stop };
  const context = rankContext({ cache: join(root, "stopped"), watcher, llm: options });
  asked = [];
  await assert.rejects(llm.rank(trials, context), { name: "Interrupted" });
  assert.equal(most, 3);
  const before = asked.length;
  assert.ok(before >= 5 && before <= 7, `${before} asked before stopping`);
  stop = false;
  respond = (response) => response.end(probability(0.5));
  const { llm: report } = await llm.rank(trials, context);
  assert.deepEqual([report!.asked, report!.cached], [12 - before, before]);
  assert.equal(asked.length, 12);
});

test("nothing is sent without an endpoint, and addresses that are none are refused", async () => {
  await assert.rejects(llm.rank([rankedTrial()], rankContext()), /--llm-url/);
  const addresses: [string, string][] = [
    ["http://localhost:8080", "http://localhost:8080/v1/chat/completions"],
    ["http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"],
    ["https://host/api/v1", "https://host/api/v1/chat/completions"],
    ["https://host/own/chat/completions", "https://host/own/chat/completions"],
  ];
  for (const [given, full] of addresses) assert.equal(completionsUrl(given), full);
  for (const wrong of ["localhost", "file:///tmp/x", "https://user:word@host/"])
    assert.throws(
      () => completionsUrl(wrong),
      (error: Error) => {
        assert.equal(error.name, "InputError");
        assert.doesNotMatch(error.message, /word/);
        return true;
      },
    );
});

test("only the object that was asked for counts as an answer", () => {
  for (const [text, expected] of [
    ['{"probability": 0.3}', 0.3],
    [' {"probability": 1, "reason": "x"}\n', 1],
    ['```json\n{"probability": 0}\n```', 0],
  ] as const)
    assert.deepEqual(readAnswer(text), { outcome: "answered", probability: expected });
  for (const text of [
    "0.3",
    "null",
    '{"probability": "0.3"}',
    '{"probability": -0.1}',
    '{"probability": 0.3} as I said',
    "Probability: 0.3",
    "",
  ])
    assert.deepEqual(readAnswer(text), { outcome: "unparsable", probability: undefined });
});
