import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { sha256, writeWhole } from "../base/file.js";
import type { Progress, Watcher } from "../base/watcher.js";
import { HubCache } from "./hub/cache.js";
import {
  type Answer,
  COMMIT,
  etagOf,
  type FakeHub,
  fakeHub,
  gitHash,
  layCache,
} from "./hub/fake-hub.js";
import { isHubName, resolveEncoder } from "./hub.js";

const MODEL = "someone/tiny-model";
const SMALL = {
  "config.json": '{"model_type": "gpt2"}',
  "tokenizer.json": '{"model": {}}',
  "tokenizer_config.json": "{}",
};
/** Many more bytes than one packet has. */
const WEIGHTS = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i) % 251));
const FILES = {
  ...SMALL,
  "model.safetensors": WEIGHTS,
  "pytorch_model.bin": "pickled",
  "README.md": "A model.",
  "onnx/model.onnx": "a graph",
};

let root: string;
let hub: FakeHub;
let env: NodeJS.ProcessEnv;
const said: string[] = [];
let reports: Progress[] = [];
let stopping = () => false;
const watcher: Watcher = {
  report: (progress) => reports.push(progress),
  say: (line) => said.push(line),
  stopping: () => stopping(),
};
const patience = { tries: 3, firstWait: 1, silence: 5000 };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cladmop-hub-"));
  env = { HF_HOME: root };
  said.length = 0;
  reports = [];
  stopping = () => false;
});
afterEach(() => {
  hub?.close();
  rmSync(root, { recursive: true });
});
async function serve(files: Readonly<Record<string, string | Buffer>> = FILES): Promise<void> {
  hub?.close();
  hub = await fakeHub(MODEL, files);
  env.HF_ENDPOINT = hub.url;
}
const resolve = (given = MODEL, offline = false) =>
  resolveEncoder(given, { offline, env, patience }, watcher);

/** A path in the model's folder of the cache. */
const at = (...names: string[]) => join(root, "hub", "models--someone--tiny-model", ...names);
const snapshot = (name: string) => at("snapshots", COMMIT, name);
const incomplete = () => at("blobs", `${sha256(WEIGHTS)}.incomplete`);
const askedFor = (line: string) => hub.asked.filter((one) => one.line.includes(line));

const lay = (files: Readonly<Record<string, string | Buffer>>) =>
  layCache(join(root, "hub"), MODEL, files);

const refused = (pattern: RegExp, given?: string, offline?: boolean) =>
  assert.rejects(resolve(given, offline), { name: "InputError", message: pattern });

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end();

/** A body that breaks off after so many bytes of the rest that was asked for. */
const cut =
  (bytes: number): Answer =>
  (response, request) => {
    const from = Number(/\d+/.exec(request.headers.range ?? "0"));
    const rest = WEIGHTS.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": rest.length,
      ...(from > 0 && { "content-range": `bytes ${from}-${WEIGHTS.length - 1}/${WEIGHTS.length}` }),
    });
    response.write(rest.subarray(0, bytes), () => response.destroy());
  };

test("what an encoder needs is downloaded into the layout of Python's cache, then never asked for again", async () => {
  await serve();
  const { folder, model } = await resolve();
  assert.deepEqual([folder, model], [at("snapshots", COMMIT), `${MODEL}@${COMMIT}`]);
  const expected = { ...SMALL, "model.safetensors": WEIGHTS };
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(expected).sort());
  for (const [name, content] of Object.entries(expected)) {
    const etag = etagOf(name, content);
    assert.equal(readlinkSync(snapshot(name)), join("..", "..", "blobs", etag));
    assert.deepEqual(readFileSync(at("blobs", etag)), Buffer.from(content));
  }
  assert.equal(readdirSync(at("blobs")).length, 4);
  const byGit = "9e26dfeeb6e641a33dae4961196235bdb965b21b"; // printf '{}' | git hash-object --stdin
  assert.equal(readFileSync(at("blobs", byGit), "utf8"), "{}");
  assert.equal(readFileSync(at("refs", "main"), "utf8"), COMMIT);
  // The absence of a file is remembered as Python does.
  assert.ok(existsSync(at(".no_exist", COMMIT, "vocab.txt")));

  const last = reports.filter(({ unit }) => unit === "bytes").at(-1)!;
  assert.equal(last.total, WEIGHTS.length);
  assert.ok(0 < last.done && last.done <= last.total);

  const requests = hub.asked.length;
  assert.deepEqual(await resolve(), { folder, model });
  assert.deepEqual(await resolve(`${MODEL}@${COMMIT}`, true), { folder, model });
  assert.equal(hub.asked.length, requests);
  await resolve(`${MODEL}@v1`); // another name of what is there: asked what it is, nothing fetched
  assert.equal(readFileSync(at("refs", "v1"), "utf8"), COMMIT);
  assert.equal(hub.asked.length, requests + 1);
});

test("files that Python has downloaded are found without a network, and an HF_HUB_CACHE", async () => {
  lay({ ...SMALL, "model.safetensors": WEIGHTS, "pytorch_model.bin": "pickled" });
  env.HF_ENDPOINT = "http://127.0.0.1:1";
  const { folder } = await resolve();
  assert.equal(folder, at("snapshots", COMMIT));
  env = {
    HF_HUB_CACHE: join(root, "hub"),
    HF_HOME: "elsewhere",
    HF_ENDPOINT: "http://127.0.0.1:1",
  };
  assert.equal((await resolve(MODEL, true)).folder, folder);
});

test("what is cached in part is completed, and each blob is fetched once", async () => {
  await serve();
  lay({ "config.json": SMALL["config.json"] });
  writeWhole(at("blobs", gitHash(SMALL["tokenizer.json"])), SMALL["tokenizer.json"]); // of another commit
  await resolve();
  assert.deepEqual(readFileSync(snapshot("tokenizer.json"), "utf8"), SMALL["tokenizer.json"]);
  assert.equal(askedFor("config.json").filter(({ line }) => /GET .*\/config/.test(line)).length, 0);
  assert.equal(askedFor("GET").filter(({ line }) => line.includes("/tokenizer.json")).length, 0);
  assert.equal(askedFor("GET /model.safetensors").length, 1);
});

test("without tokenizer.json, whether there are rules beside the words has to be known", async () => {
  const words = { "config.json": "{}", "vocab.txt": "a\nb", "model.safetensors": WEIGHTS };
  lay(words);
  env.HF_ENDPOINT = "http://127.0.0.1:9";
  await refused(/snapshots\/c+: tokenizer_config\.json is not in the cache/, MODEL, true);
  writeWhole(at(".no_exist", COMMIT, "tokenizer_config.json"), "");
  assert.equal((await resolve(MODEL, true)).folder, at("snapshots", COMMIT));
});

test("weights in several files are fetched by their index, a shard that lacks is named", async () => {
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] as const;
  const index = JSON.stringify({ weight_map: { a: shards[1], b: shards[0], c: shards[0] } });
  const files = { ...SMALL, "model.safetensors.index.json": index };
  await serve({ ...files, [shards[0]]: "first", [shards[1]]: "second", "model.onnx": "graph" });
  const { folder } = await resolve();
  assert.deepEqual(
    shards.map((name) => readFileSync(join(folder, name), "utf8")),
    ["first", "second"],
  );
  assert.ok(!existsSync(snapshot("model.onnx")));
  rmSync(snapshot(shards[1]));
  await refused(/: model-00002-of-00002\.safetensors is not in the cache/, MODEL, true);

  rmSync(at(), { recursive: true });
  await serve({ ...files, [shards[0]]: "first" });
  await refused(/index\.json: names model-00002-of-00002\.safetensors, which the model does not/);
  rmSync(at(), { recursive: true });
  const leading = JSON.stringify({ weight_map: { a: "../../../out.safetensors" } });
  await serve({ ...files, "model.safetensors.index.json": leading });
  await refused(/field "weight_map\.a": is no name of a safetensors file/);
});

test("a ready graph is taken where there are no other weights", async () => {
  await serve({ ...SMALL, "model.onnx": "graph" });
  assert.equal(readFileSync(join((await resolve()).folder, "model.onnx"), "utf8"), "graph");
});

test("a model with pickled weights alone, or that is no encoder, is refused before anything is fetched", async () => {
  await serve({ ...SMALL, "pytorch_model.bin": "pickled" });
  await refused(
    /^someone\/tiny-model@main: has pickled weights alone \(pytorch_model\.bin\).*python3 -c "from transformers .*'someone\/tiny-model'.*--encoder \.\/converted/,
  );
  const { "config.json": config, ...rest } = SMALL;
  await serve({ ...rest, "model.safetensors": WEIGHTS });
  await refused(/has no config\.json: it is no encoder/);
  await serve({ "config.json": config, "merges.txt": "", "model.safetensors": WEIGHTS });
  await refused(/has no tokenizer\.json: it is no encoder/);
  assert.equal(askedFor("/resolve/").length, 0);
});

test("the token goes to the hub and not to the host that it redirects to", async () => {
  await serve();
  writeWhole(join(root, "token"), "hf_stored\n");
  await resolve();
  for (const { host, authorization } of hub.asked)
    assert.equal(authorization, host === "hub" ? "Bearer hf_stored" : undefined);
  assert.ok(hub.asked.some(({ host }) => host === "cdn"));
  rmSync(at(), { recursive: true });
  env.HF_TOKEN = " hf_given ";
  hub.asked.length = 0;
  await resolve();
  assert.equal(hub.asked[0]!.authorization, "Bearer hf_given");
});

test("redirects within the hub are followed, as those of a model with a new name; circles are not", async () => {
  await serve();
  const moved = (to: string) => status(307, { location: to });
  hub.faults.push(
    { host: "hub", line: "/api/", answer: moved(`/api/models/${MODEL}/revision/main?moved`) },
    { host: "hub", line: "HEAD", answer: moved(`/${MODEL}/resolve/${COMMIT}/config.json`) },
  );
  env.HF_TOKEN = "hf_given";
  await resolve();
  assert.equal(hub.faults.length, 0);
  assert.equal(askedFor("?moved")[0]!.authorization, "Bearer hf_given");

  rmSync(at(), { recursive: true });
  for (let i = 0; i < 6; i++)
    hub.faults.push({ host: "hub", line: "/api/", answer: moved(`/api/models/again${i}`) });
  await refused(/redirects without end/);
});

test("a body that breaks off is gone on with where it broke off, as often as something comes", async () => {
  await serve();
  for (let i = 0; i < 5; i++) hub.faults.push({ host: "cdn", line: "GET", answer: cut(50_000) });
  await resolve();
  assert.deepEqual(readFileSync(snapshot("model.safetensors")), WEIGHTS);
  const starts = hub.asked
    .filter(({ host }) => host === "cdn")
    .map(({ range }) => Number(/\d+/.exec(range ?? "0")));
  assert.equal(starts.length, 6);
  assert.ok(
    starts.every((start, i) => i === 0 || start > starts[i - 1]!),
    `${starts}`,
  );
  assert.match(said[0]!, /^http:\/\/127\.0\.0\.1:\d+: .*; trying again in 1 s$/);
  assert.ok(said.every((line) => !line.includes("secret")));
});

test("a host that only breaks off is named when the tries are used up, and what came is kept", async () => {
  await serve();
  hub.faults.push({ host: "cdn", line: "GET", answer: cut(50_000) });
  for (let i = 0; i < 3; i++) hub.faults.push({ host: "cdn", line: "GET", answer: cut(0) });
  await refused(
    new RegExp(`^${hub.cdn}: ${MODEL} cannot be fetched: no connection.*, 3 times in a row`),
  );
  const kept = readFileSync(incomplete());
  assert.ok(kept.length > 0 && kept.equals(WEIGHTS.subarray(0, kept.length)));
  hub.asked.length = 0;
  await resolve();
  assert.equal(askedFor("GET /model.safetensors")[0]!.range, `bytes=${kept.length}-`);
  assert.deepEqual(readFileSync(snapshot("model.safetensors")), WEIGHTS);
});

test("what Python left unfinished is gone on with; a server without ranges starts anew", async () => {
  await serve();
  writeWhole(incomplete(), WEIGHTS.subarray(0, 1000));
  const whole: Answer = (response) => response.writeHead(200).end(WEIGHTS);
  hub.faults.push({ host: "cdn", line: "GET", answer: whole });
  await resolve();
  assert.equal(askedFor("GET /model.safetensors")[0]!.range, "bytes=1000-");
  assert.deepEqual(readFileSync(snapshot("model.safetensors")), WEIGHTS);
  assert.ok(!existsSync(incomplete()));
});

test("a damaged file is removed and named: altered on its way, or begun wrongly", async () => {
  const altered = Buffer.from(WEIGHTS);
  altered[1000]! ^= 1;
  await serve();
  hub.faults.push({ host: "cdn", line: "GET", answer: (response) => response.end(altered) });
  await refused(/\.incomplete: what came of model\.safetensors is not what the hub announced/);
  assert.ok(!existsSync(incomplete()) && !existsSync(snapshot("model.safetensors")));
  writeWhole(incomplete(), altered.subarray(0, 2000));
  await refused(/its hash differs\. The file was removed: run the command again/);
  await resolve();

  rmSync(at(), { recursive: true });
  const other = '{"model_type": "gpt3"}';
  hub.faults.push({ host: "hub", line: "GET /someone", answer: (response) => response.end(other) });
  await refused(/what came of config\.json is not/);
});

test("a busy hub is waited for as long as it asks", async () => {
  await serve();
  hub.faults.push(
    { host: "hub", line: "/api/", answer: status(429, { "retry-after": "0" }) },
    { host: "hub", line: "HEAD", answer: status(503) },
    { host: "cdn", line: "GET", answer: status(500) },
  );
  await resolve();
  assert.equal(hub.faults.length, 0);
  assert.match(said[0]!, /status 429: ?; trying again in 0 s$/);
});

test("who must not read a model is told what to do", async () => {
  await serve();
  const gated = status(401, { "x-error-code": "GatedRepo", "x-error-message": "Restricted" });
  const page = `${hub.url}/${MODEL}`;
  hub.faults.push({ host: "hub", line: "HEAD", answer: gated });
  await refused(
    new RegExp(
      `^${page}: the model is gated.*401, Restricted.* Accept them at ${page}, then set HF_TOKEN`,
    ),
  );
  env.HF_TOKEN = "hf_x";
  hub.faults.push({ host: "hub", line: "HEAD", answer: status(403) });
  await refused(
    /the model is gated.*\(403\)\. Accept them at .* with the account of your HF_TOKEN/,
  );
  const invalid = { "x-error-message": "Invalid credentials in Authorization header" };
  hub.faults.push({ host: "hub", line: "/api/", answer: status(401, invalid) });
  await refused(/the token is not valid\. Correct or unset HF_TOKEN/);
  env.HF_TOKEN = "";
  hub.faults.push({ host: "hub", line: "/api/", answer: status(401) });
  await refused(
    /there is no such model, or it is private \(401\)\. Correct the name, or set HF_TOKEN/,
  );
  await refused(/there is no such model.*404, RepoNotFound.*there is no no\/body here/, "no/body");
  await refused(/has no revision "v2"\. Name a branch, a tag/, `${MODEL}@v2`);
  hub.faults.push({ host: "cdn", line: "GET", answer: status(403) });
  await refused(new RegExp(`^${hub.cdn}: the host that keeps model.safetensors answered 403`));
});

test("a hub that cannot be reached is named, and so is what answers unlike one", async () => {
  env.HF_ENDPOINT = "http://nowhere.invalid";
  await refused(/^http:\/\/nowhere\.invalid: someone\/tiny-model cannot be fetched: .*ENOTFOUND/);
  await serve();
  const answer =
    (body: string): Answer =>
    (response) =>
      response.end(body);
  for (const [body, message] of [
    ["<html>log in</html>", /is malformed JSON.*this is not how a hub answers/],
    ['{"sha": "../../x", "siblings": []}', /field "sha": is no commit/],
  ] as const) {
    hub.faults.push({ host: "hub", line: "/api/", answer: answer(body) });
    await refused(message);
  }
  for (const [headers, message] of [
    [{ etag: '"../../x"' }, /config\.json has no hash to check it by \(ETag "\.\.\/\.\.\/x"\)/],
    [{ "x-repo-commit": "d".repeat(40) }, /config\.json is answered from commit d+/],
    [{ etag: gitHash("a"), "transfer-encoding": "chunked" }, /config\.json has no size/],
  ] as const) {
    hub.faults.push({ host: "hub", line: "HEAD", answer: status(200, headers) });
    await refused(message);
  }
  env.HF_ENDPOINT = "huggingface.co";
  await refused(/field "HF_ENDPOINT": is not a web address/);
});

test("offline nothing is asked, and what is not in the cache is named", async () => {
  await serve();
  await refused(
    /^someone\/tiny-model@main \(.*hub\): is not in the cache.* once without --offline/,
    MODEL,
    true,
  );
  lay(SMALL);
  await refused(/snapshots\/c+: model\.safetensors is not in the cache/, MODEL, true);
  env.HF_HUB_OFFLINE = "1";
  await refused(/model\.safetensors is not in the cache/);
  assert.equal(hub.asked.length, 0);
});

test("a folder is a folder, whatever it is called; what is neither is refused", async () => {
  env.HF_ENDPOINT = "http://127.0.0.1:9";
  assert.deepEqual(await resolve(root), { folder: root });
  await refused(/^\.\/someone\/tiny: there is no such folder\. Name the folder/, "./someone/tiny");
  for (const path of ["../a/b", "/a/b", "~/a/b", "a/b/c", "a", "", "a/..", "-a/b"])
    await refused(/there is no such folder/, path);
  for (const revision of ["", "../x", "a/../../b", "/a"])
    await refused(/is no revision\. Write a branch/, `someone/tiny@${revision}`);
  assert.ok(isHubName("someone/tiny@refs/pr/1", join(root, "someone/tiny")));
  assert.ok(!isHubName("someone/tiny", root) && !isHubName("./someone/tiny", join(root, "none")));
});

test("a stop keeps what has come", async () => {
  await serve();
  const silent: Answer = (response) => {
    response
      .writeHead(200, { "content-length": WEIGHTS.length })
      .write(WEIGHTS.subarray(0, 70_000));
  };
  hub.faults.push({ host: "cdn", line: "GET", answer: silent });
  stopping = () => existsSync(incomplete()) && readFileSync(incomplete()).length >= 70_000;
  await assert.rejects(resolve(), { name: "Interrupted", message: /by running the command again/ });
  assert.deepEqual(readFileSync(incomplete()), WEIGHTS.subarray(0, 70_000));
  stopping = () => false;
  await resolve();
  assert.equal(askedFor("GET /model.safetensors").at(-1)!.range, "bytes=70000-");
});

test("a full disk is named", { skip: !existsSync("/dev/full") }, async () => {
  await serve();
  mkdirSync(at("blobs"), { recursive: true });
  symlinkSync("/dev/full", incomplete());
  await refused(/\.incomplete: cannot be written: ENOSPC.*Free disk space/);
});

test("while another process downloads a model it is waited for, and its work is used", async () => {
  await serve();
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const lock = join(root, "hub", ".locks", "models--someone--tiny-model", "cladmop.pid");
  writeWhole(lock, String(other.pid));
  stopping = () => {
    if (existsSync(lock) && said.length > 0) {
      lay({ ...SMALL, "model.safetensors": WEIGHTS });
      rmSync(lock);
    }
    return false;
  };
  assert.equal((await resolve()).folder, at("snapshots", COMMIT));
  other.kill("SIGKILL");
  assert.deepEqual(said, [`Process ${other.pid} is downloading ${MODEL}: waiting for it`]);
  assert.equal(hub.asked.length, 0);
});

test("where links cannot be made, a snapshot holds copies", () => {
  const cache = new HubCache(join(root, "hub"), { model: MODEL, revision: "main" });
  writeWhole(cache.blob("ab"), "content");
  cache.link("ab", COMMIT, "config.json", () => {
    throw new Error("EPERM");
  });
  assert.ok(lstatSync(snapshot("config.json")).isFile());
  assert.equal(readFileSync(snapshot("config.json"), "utf8"), "content");
  // A link to nothing, as a removed blob leaves it, is made anew.
  writeFileSync(cache.blob("cd"), "other");
  symlinkSync("gone", snapshot("merges.txt"));
  cache.link("cd", COMMIT, "merges.txt");
  assert.equal(readFileSync(snapshot("merges.txt"), "utf8"), "other");
});
