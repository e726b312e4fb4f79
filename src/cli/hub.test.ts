import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fakeHub } from "../language/hub/fake-hub.js";
import { writeRandomEncoder } from "../language/test-support.js";

const main = fileURLToPath(new URL("./main.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "cladmop-cli-hub-"));
const MODEL = "someone/tiny";
writeRandomEncoder(join(root, "encoder"), ["Adults with gout"], {
  ...{ width: 16, blocks: 6, context: 32 },
});
const names = ["config.json", "tokenizer.json", "model.safetensors"];
const files = names.map((name) => [name, readFileSync(join(root, "encoder", name))] as const);
const hub = await fakeHub(MODEL, Object.fromEntries(files));
after(() => {
  hub.close();
  rmSync(root, { recursive: true });
});
writeFileSync(
  join(root, "trials.csv"),
  "nctid,phase,diseases,icdcodes,drugs,smiless,criteria\nNCT99000001,phase 1,[],[],[],[],Adults with gout\n",
);

/** Runs `cladmop encode` on one trial. */
const encode = (...more: string[]) =>
  new Promise<{ code: number | string; out: string; err: string }>((resolve) => {
    const unset = { HF_HUB_CACHE: "", HF_HUB_OFFLINE: "", HF_TOKEN: "", HF_TOKEN_PATH: "" };
    const env = { ...process.env, ...unset, HF_ENDPOINT: hub.url, HF_HOME: root };
    execFile(
      process.execPath,
      [main, "encode", "trials.csv", ...more],
      { cwd: root, env },
      (error, out, err) => resolve({ code: error?.code ?? 0, out, err }),
    );
  });

test("an encoder is used by its name: downloaded once, then found offline, too", async () => {
  const absent = await encode("--encoder", MODEL, "--offline");
  assert.equal(absent.code, 2);
  assert.match(absent.err, /^someone\/tiny@main \(.*hub\): is not in the cache, and nothing is /);
  assert.equal(hub.asked.length, 0);

  const first = await encode("--encoder", MODEL);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^1 trials: 0 texts cached before, \d+ tokens encoded/);
  assert.match(first.err, /^Asking for someone\/tiny\nDownloading someone\/tiny, \d+ kB of \d+ kB/);
  const requests = hub.asked.length;
  for (const encoder of [MODEL, "./encoder"]) {
    // The same files have the same hash wherever they are, so the states are those of before.
    const { code, out, err } = await encode("--encoder", encoder, "--offline");
    assert.equal(code, 0, err);
    assert.match(out, /^1 trials: 1 texts cached before, 0 tokens encoded/);
  }
  assert.equal(hub.asked.length, requests);
  const { out } = await encode("--encoder", MODEL, "--offline", "--json");
  const { seconds, ...result } = JSON.parse(out);
  assert.equal(typeof seconds, "number");
  assert.deepEqual(result, { trials: 1, tokens: 0, cached: 1, failures: [] });

  const typo = await encode("--encoder", "someone/tyni");
  assert.equal(typo.code, 2);
  assert.match(
    typo.err,
    /someone\/tyni: there is no such model.*there is no someone\/tyni here\n$/,
  );
});
