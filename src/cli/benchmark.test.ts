import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fixture } from "../benchmark/test-support.js";
import { layCache } from "../language/hub/fake-hub.js";

const { root, write } = await fixture();
const GRID = `
encoder: language/encoder
datasets:
  one: { train: train.csv, valid: valid.csv, test: test.csv }
pretraining: {}
seeds: [1, 2]
models: {}
experiments:
  - { task: supervised, methods: [tf-idf-words, random-forest] }
  - { task: few-shot, methods: [knn], shots: [1, 500], seeds: [1] }
`;
write("grid.yaml", GRID);
const main = fileURLToPath(new URL("./main.js", import.meta.url));

/** Runs the command in the folder of the configuration. */
function run(...more: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [main, "benchmark", "grid.yaml", "--out", "out", "--jobs", "1", ...more],
    { cwd: root, encoding: "utf8" },
  );
  return { code: status, out: stdout, err: stderr };
}

/** Asserts bad usage: exit code 2, and a last line that says what. */
function refused(line: RegExp, ...more: string[]): void {
  const { code, out, err } = run(...more);
  assert.deepEqual([code, out], [2, ""], err);
  assert.match(err.trimEnd().split("\n").at(-1)!, line);
}

test("what is finished is reported and printed; with a failure the exit code is 1", () => {
  const { code, out, err } = run("--threads", "1");
  assert.equal(code, 1, err);
  assert.match(out, /TF-IDF/);
  assert.match(err, /out\/\S+: 5 of 6 cells, 5 of them now\n/);
  const [last] = err.trimEnd().split("\n").slice(-1);
  const log =
    /^Failed: few-shot on one: knn, shots 500, seed 1: train\.csv: has fewer than 500 .*\((.+\.log)\)$/;
  const [, file] = log.exec(last!)!;
  assert.ok(existsSync(join(root, file!)), file);
  const page = /^(out\/\S+): 5 of 6/m.exec(err)![1]!;
  assert.ok(existsSync(join(root, page)), page);
});

test("--only runs what is named, and without a failure among it the exit code is 0", () => {
  const { code, out, err } = run("--only", "supervised", "--json");
  assert.equal(code, 0, err);
  const { rows } = JSON.parse(out);
  const row = rows.find(({ method }: { method: string }) => method === "tf-idf-words");
  assert.deepEqual(row.seeds, [1, 2]);
  assert.match(err, /5 of 6 cells, 0 of them now\n$/);
  refused(
    /grid\.yaml, field "--only": "supervisd" is no task.* Name one of supervised, few-shot, one, tf/,
    ...["--only", "supervised", "supervisd"],
  );
});

test("an encoder may be given by its name: what its files have computed is finished", () => {
  const names = ["config.json", "tokenizer.json", "model.safetensors"];
  const files = names.map((name) => [name, readFileSync(join(root, "language/encoder", name))]);
  layCache(join(root, "hub"), "made-up/language", Object.fromEntries(files));
  write("grid.yaml", GRID.replace("language/encoder", "made-up/language"));
  const cache = process.env.HF_HUB_CACHE;
  process.env.HF_HUB_CACHE = join(root, "hub");
  const { code, err } = run("--only", "supervised", "--offline");
  assert.equal(code, 0, err);
  assert.match(err, /5 of 6 cells, 0 of them now\n$/);
  process.env.HF_HUB_CACHE = join(root, "none");
  refused(/^made-up\/language@main .*: is not in the cache/, "--offline");
  process.env.HF_HUB_CACHE = cache ?? "";
  write("grid.yaml", GRID);
});

test("--compare tests two methods on what is finished", () => {
  const { code, out, err } = run("--compare", "random-forest", "tf-idf-words", "--json");
  assert.equal(code, 0, err);
  const { comparisons } = JSON.parse(out);
  assert.equal(comparisons.length, 1);
  const [{ first, second, task, ensemble, bySeed }] = comparisons;
  assert.deepEqual([first, second, task], ["random-forest", "tf-idf-words", "supervised"]);
  const { difference } = ensemble.rocAuc;
  assert.ok(Math.abs(difference - (ensemble.rocAuc.first - ensemble.rocAuc.second)) < 1e-12);
  assert.equal(bySeed.length, 2);
  for (const same of [["knn"], ["knn", "knn"]])
    refused(/field "--compare": names 1 different methods\. Name two/, "--compare", ...same);
  refused(
    /field "--only": is given with --compare/,
    ..."--compare knn random-forest --only one".split(" "),
  );
  refused(/has no result of "forest"\. Name two of: knn, /, "--compare", "forest", "knn");
});

test("an endpoint without its model and prices without an endpoint are refused before anything is read", () => {
  refused(/field "--llm-url": is given without the other/, "--llm-url", "http://localhost");
  refused(/field "--llm-prices": is given without an endpoint/, "--llm-prices", "2,10");
  for (const bad of ["2", "2,10,3", "2,", "2,-1", "2 10"]) {
    const { code, err } = run("--llm-prices", bad);
    assert.equal(code, 2);
    assert.match(err, /option '--llm-prices <prompt,answer>' argument '.*' is invalid\. Give /);
  }
});

test("a language model is asked once: what it cost is told, and a run without its name goes on", async () => {
  write(
    "llm.yaml",
    `
encoder: language/encoder
datasets:
  one: { train: train.csv, valid: valid.csv, test: test.csv }
pretraining: {}
seeds: [1]
models: {}
experiments:
  - { task: zero-shot, methods: [llm, all-positive] }
`,
  );
  const answer = {
    choices: [{ message: { content: '{"probability": 0.5}' } }],
    usage: { prompt_tokens: 100, completion_tokens: 10 },
  };
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const start = async (...more: string[]) => {
    const command = [main, "benchmark", "llm.yaml", "--out", "llm", "--jobs", "1", ...more];
    const env = { ...process.env, OPENAI_API_KEY: "secret" };
    const { stderr } = await promisify(execFile)(process.execPath, command, { cwd: root, env });
    return stderr;
  };
  const lines = () =>
    readFileSync(join(root, "llm", "results.ndjson"), "utf8")
      .trim()
      .split("\n");
  const named = (address: string) => ["--llm-url", address, "--llm-model", "tiny"];

  await assert.rejects(start(), (error: Error & { code: number; stderr: string }) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr, /llm, seed 1: no language model is given to be asked\. Name an/);
    assert.match(error.stderr, /1 of 2 cells, 1 of them now/);
    return true;
  });
  try {
    await start(...named(url), "--llm-prices", "2,10");
    const { notes } = JSON.parse(lines().find((line) => line.includes('"llm"'))!);
    const { asked, cost } = notes.llm;
    assert.ok(asked > 0 && Math.abs(cost - (asked * (100 * 2 + 10 * 10)) / 1e6) < 1e-12, `${cost}`);

    const note = readFileSync(join(root, "llm", "llm.json"), "utf8");
    assert.deepEqual(JSON.parse(note), {
      url,
      model: "tiny",
      prices: { prompt: 2, completion: 10 },
    });
    const before = lines();
    const said = await start();
    assert.ok(
      said.includes(`The method llm asks tiny at ${url}, as noted in llm/llm.json\n`),
      said,
    );
    assert.match(said, /2 of 2 cells, 0 of them now/);
    assert.deepEqual(lines(), before);

    // A query may hold a key.
    assert.match(await start(...named(`${url}?key=secret`)), /query, which may hold a key/);
    assert.ok(!existsSync(join(root, "llm", "llm.json")));
  } finally {
    server.close();
  }
});
