// What does the service bear? Good, large, bad, oversized, streaming and given-up requests, mixed, at a given rate, from this
// process to `cladmop serve` in another, with the shipped model, or another, and a history.
//
//   node bench/serve.js [--minutes 10] [--rate 20] [--threads 2] [--model DIR] [--trials FILE]
//                       [--explanations 0.01] [--large 0.005]
//
// --rate: trials to be predicted in a second; requests come at random times (a Poisson process), whether or not
// those before are answered. --explanations, --large: shares of requests for an explanation, and for a prediction of a
// trial of 50,000 characters. Latency is that of requests for one trial, from the moment for which they were planned to
// the last byte of the answer; that of large ones is told apart. FILE is a file of trials, TOP's phase_I_valid.csv
// unless given; where it is absent, trials of its length are made of the statements of examples/trials.json. Ends with
// exit code 1 if a request had another answer than it should have.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../dist/base/random.js";
import { dataPath } from "../dist/base/test-data.js";
import { SHIPPED_MODEL } from "../dist/serving/index.js";
import { draftOf, readTrials } from "../dist/trial/index.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "20" },
    threads: { type: "string", default: "2" },
    model: { type: "string", default: SHIPPED_MODEL },
    trials: { type: "string", default: dataPath("top/phase_I_valid.csv") },
    explanations: { type: "string", default: "0.01" },
    large: { type: "string", default: "0.005" },
  },
});
const random = new Random("load");
const one = (list) => list[random.integer(list.length)];
const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

const drafts = existsSync(values.trials) ? fromFile(values.trials) : madeUp();
function fromFile(file) {
  return readTrials(file, { skipInvalid: true }).records.map(draftOf);
}
function statements() {
  return fromFile(pathOf("../examples/trials.json")).flatMap(({ eligibilityCriteria }) =>
    eligibilityCriteria.split("\n").filter((line) => /^[*-] /.test(line.trim())),
  );
}
/** Criteria as long as those of registered trials: 505 tokens in the mean, a few of them ten times the median. */
function madeUp() {
  const examples = fromFile(pathOf("../examples/trials.json"));
  const all = statements();
  return Array.from({ length: 200 }, () => {
    const count = Math.ceil(18 * Math.exp(0.7 * random.normal()));
    const some = Array.from({ length: count }, () => one(all)).join("\n");
    return {
      ...one(examples),
      eligibilityCriteria: `Inclusion Criteria:\n\n${some}\n\nExclusion Criteria:\n\n${one(all)}`,
    };
  });
}

/** A valid trial that takes as long as fifty others. */
function large() {
  const all = statements();
  let text = "Inclusion Criteria:\n";
  while (text.length < 50_000) text += `\n${one(all)}`;
  return { ...one(drafts), eligibilityCriteria: text };
}

const LINES = 8;
/** Shares of the requests; what is left asks for one trial. */
const SHARES = {
  large: Number(values.large),
  bad: 0.05,
  oversized: 0.01,
  stream: 0.03,
  "given up": 0.03,
  explanation: Number(values.explanations),
};
const single = 1 - Object.values(SHARES).reduce((sum, share) => sum + share, 0);
const perSecond =
  Number(values.rate) / (single + SHARES.large + SHARES.stream * LINES + SHARES["given up"]);

const folder = mkdtempSync(join(tmpdir(), "cladmop-load-"));
const server = spawn(
  process.execPath,
  [
    ...[pathOf("../dist/cli/main.js"), "serve", "--port", "0", "--offline"],
    ...["--model", values.model, "--threads", values.threads],
    ...["--database", join(folder, "history.sqlite")],
  ],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const [ready] = await once(createInterface({ input: server.stdout }), "line");
const url = new URL(/serves at (\S+)/.exec(ready)[1]);
const agent = new Agent({ keepAlive: true });

/** One request: its status and body, or what ended it. */
function ask(path, { body, type = "application/json", signal, method = "POST" }) {
  return new Promise((resolve) => {
    const sent = request(new URL(path, url), {
      ...{ method, agent, signal },
      headers: body === undefined ? {} : { "content-type": type },
    });
    sent.on("error", (error) => resolve({ status: error.code ?? error.name, text: "" }));
    sent.on("response", async (response) => {
      try {
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += chunk;
        resolve({ status: response.statusCode, text });
      } catch (error) {
        resolve({ status: error.code ?? error.name, text: "" });
      }
    });
    sent.end(body);
  });
}

const latencies = [];
const ofLarge = [];
const explained = [];
const answers = new Map();
let predicted = 0;
const count = (kind, status) => {
  const name = `${kind}: ${status}`;
  answers.set(name, (answers.get(name) ?? 0) + 1);
};
const question = () => ({ trial: one(drafts) });
const OVERSIZED = "x".repeat(5 * 2 ** 20);

/** @param planned when it was to be sent */
async function predict(asked, times, planned) {
  const { status } = await ask("v1/predictions", { body: JSON.stringify(asked) });
  if (status === 200) {
    times.push(performance.now() - planned);
    predicted++;
  }
  return status;
}

const KINDS = {
  single: (planned) => predict(question(), latencies, planned),
  large: (planned) => predict({ trial: large() }, ofLarge, planned),
  async bad() {
    const { trial } = question();
    const body = one([
      JSON.stringify({ trial: { ...trial, phase: "9" } }),
      JSON.stringify({ trial: { ...trial, eligibilityCriteria: "" } }),
      JSON.stringify({ trial }).slice(0, -5),
      "[]",
    ]);
    return (await ask("v1/predictions", { body })).status;
  },
  async oversized() {
    const { status } = await ask("v1/predictions", { body: OVERSIZED });
    // A server that will not read on may close the connection before its answer is read.
    return status === "ECONNRESET" || status === "EPIPE" ? 413 : status;
  },
  async stream() {
    const body = Array.from({ length: LINES }, () => JSON.stringify(question())).join("\n");
    const { status, text } = await ask("v1/predictions", { body, type: "application/x-ndjson" });
    const lines = text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const good = lines.filter(({ id }) => id).length;
    predicted += good;
    return good === LINES ? status : `${status} with ${good} of ${LINES}`;
  },
  async "given up"() {
    const signal = AbortSignal.timeout(1 + random.integer(100));
    return (await ask("v1/predictions", { body: JSON.stringify(question()), signal })).status;
  },
  async explanation(planned) {
    const { status } = await ask("v1/explanations", { body: JSON.stringify(question()) });
    if (status === 200) explained.push(performance.now() - planned);
    return status;
  },
};
const EXPECTED = {
  single: [200],
  large: [200],
  bad: [400],
  oversized: [413],
  stream: [200],
  "given up": ["ABORT_ERR", "AbortError", "TimeoutError", 23, 200],
  explanation: [200],
};

async function figures() {
  const { text } = await ask("metrics", { method: "GET" });
  const of = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    memory: of("process_resident_memory_bytes") / 2 ** 20,
    heap: of("nodejs_heap_size_used_bytes") / 2 ** 20,
    lag: 1000 * of("nodejs_eventloop_lag_p99_seconds"),
    lots: of("cladmop_lot_trials_sum") / of("cladmop_lot_trials_count"),
    waiting: of('cladmop_waiting\\{what="predictions"\\}'),
  };
}

const quantile = (numbers, share) =>
  numbers.toSorted((a, b) => a - b)[
    Math.min(numbers.length - 1, Math.floor(share * numbers.length))
  ];
const millis = (number) => `${Math.round(number)} ms`;

const end = performance.now() + 60_000 * Number(values.minutes);
const start = performance.now();
const open = new Set();
let wrong = 0;
let next = start;
const memory = [];
const watching = (async () => {
  while (performance.now() < end) {
    const at = (performance.now() - start) / 1000;
    const now = await figures();
    memory.push({ at, ...now });
    console.log(
      `${at.toFixed(0).padStart(4)} s  ${predicted} predicted  RSS ${now.memory.toFixed(0)} MiB  heap ${now.heap.toFixed(0)} MiB  ` +
        `loop lag p99 ${now.lag.toFixed(0)} ms  lots of ${now.lots.toFixed(1)}  waiting ${now.waiting}  open ${open.size}`,
    );
    await sleep(Math.min(10_000, Math.max(0, end - performance.now())));
  }
})();
console.log(
  `${cpus()[0].model}, ${availableParallelism()} cores; ${drafts.length} trials; ${values.rate} trials/s asked for`,
);
while (performance.now() < end) {
  next += (-Math.log(1 - random.uniform()) / perSecond) * 1000;
  await sleep(Math.max(0, next - performance.now()));
  let kind = "single";
  let at = random.uniform();
  for (const [name, share] of Object.entries(SHARES)) {
    if (at < share) {
      kind = name;
      break;
    }
    at -= share;
  }
  const own = KINDS[kind](next).then((status) => {
    open.delete(own);
    count(kind, status);
    if (!EXPECTED[kind].includes(status)) wrong++;
  });
  open.add(own);
}
const seconds = (performance.now() - start) / 1000;
const inTime = predicted;
await Promise.all(open);
await watching;

console.log(`\n${(inTime / seconds).toFixed(1)} predictions/s over ${seconds.toFixed(0)} s`);
console.log(
  `one trial: p50 ${millis(quantile(latencies, 0.5))}, p99 ${millis(quantile(latencies, 0.99))}, longest ${millis(Math.max(...latencies))} (${latencies.length})`,
);
for (const [what, times] of [
  ["large trial", ofLarge],
  ["explanation", explained],
])
  if (times.length > 0)
    console.log(
      `${what}: p50 ${millis(quantile(times, 0.5))}, longest ${millis(Math.max(...times))} (${times.length})`,
    );
for (const [name, times] of [...answers].sort()) console.log(`  ${name}  ${times}`);
const half = memory.filter(({ at }) => at >= seconds / 2);
const slope = (half.at(-1).memory - half[0].memory) / ((half.at(-1).at - half[0].at) / 60 || 1);
console.log(`RSS over the second half: ${slope.toFixed(1)} MiB a minute`);
console.log(wrong === 0 ? "no wrong answer" : `${wrong} WRONG answers`);
server.kill("SIGTERM");
const [code] = await once(server, "exit");
console.log(`the server ended with ${code}`);
rmSync(folder, { recursive: true });
agent.destroy();
process.exitCode = wrong > 0 || code !== 0 ? 1 : 0;
