import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

// The program itself, on the shipped model.

const root = mkdtempSync(join(tmpdir(), "cladmop-serve-"));
const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../../examples/trials.json", import.meta.url));
const running = new Set<ChildProcess>();
after(() => {
  for (const process of running) process.kill("SIGKILL");
  rmSync(root, { recursive: true });
});

class Program {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  said = "";

  constructor(...args: string[]) {
    const database = join(root, "history.sqlite");
    this.process = spawn(process.execPath, [MAIN, ...args, "--database", database]);
    running.add(this.process);
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.on("data", (text) => {
        this.said += text;
      });
    this.ended = once(this.process, "exit").then(([code, signal]) => {
      running.delete(this.process);
      return code ?? signal;
    });
  }

  /** Its address, once it says so. */
  async url(): Promise<string> {
    for (;;) {
      const [, url] = /serves at (\S+) /.exec(this.said) ?? [];
      if (url !== undefined) return url;
      assert.ok(this.process.exitCode === null, this.said);
      await sleep(20);
    }
  }
}

const serve = (...args: string[]) =>
  new Program("serve", "--port", "0", "--offline", "--threads", "1", ...args);
const post = (url: string, path: string, question: unknown) =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
const SECRET = "Never to be logged";
const trial = {
  title: SECRET,
  phase: "1",
  conditions: ["Asthma"],
  interventions: [{ name: "Metformin" }],
  eligibilityCriteria: `Inclusion Criteria:\n* ${SECRET}\n* Adults`,
};

test("a kill loses no acknowledged prediction; SIGTERM finishes what is in flight", async () => {
  const first = serve("--json");
  const url = await first.url();
  const answer = await post(url, "v1/predictions", { trial });
  assert.equal(answer.status, 200);
  const { id, prediction } = (await answer.json()) as { id: string; prediction: unknown };
  first.process.kill("SIGKILL");
  assert.equal(await first.ended, "SIGKILL");
  assert.match(first.said, /"route":"\/v1\/predictions","status":200/);
  assert.doesNotMatch(first.said, new RegExp(SECRET));

  const second = serve("--json", "--studies", EXAMPLES);
  const again = await second.url();
  const looked = await (await fetch(`${again}v1/trials/nct99000001`)).json();
  assert.equal((looked as { source: string }).source, "local");
  const kept = await (await fetch(`${again}v1/predictions/${id}`)).json();
  assert.deepEqual((kept as { prediction: unknown }).prediction, prediction);
  assert.equal((await fetch(`${again}v1/predictions?q=${encodeURIComponent(SECRET)}`)).status, 200);

  const { models } = (await (await fetch(`${again}v1/models`)).json()) as {
    models: { sha256: string; files: { name: string; bytes: number }[] }[];
  };
  for (const { name, bytes } of models[0]!.files) {
    const file = await fetch(
      `${again}v1/models/${models[0]!.sha256}/files?name=${encodeURIComponent(name)}`,
    );
    assert.equal((await file.arrayBuffer()).byteLength, bytes, name);
  }

  const lines = Array.from({ length: 24 }, () => JSON.stringify({ trial }));
  const stream = await fetch(`${again}v1/predictions`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  let text = "";
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
    if (text === "") second.process.kill("SIGTERM"); // it is in flight now
    text += chunk;
  }
  const answers = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(answers.filter((one) => one.id !== null).length, lines.length);
  assert.equal(await second.ended, 0, second.said);
  assert.doesNotMatch(second.said, new RegExp(SECRET));
});

test("who asks for little does not wait for those who ask for much; all are answered", async () => {
  const server = serve("--no-history");
  const url = await server.url();
  const statements = Array.from({ length: 900 }, (_, i) => `* Platelets above ${i} per litre`);
  const large = { ...trial, eligibilityCriteria: `Inclusion Criteria:\n${statements.join("\n")}` };
  const order: string[] = [];
  const ask = async (name: string, question: unknown) => {
    const answer = await post(url, "v1/predictions", { trial: question });
    assert.equal(answer.status, 200, await answer.text());
    order.push(name);
  };
  const three = [1, 2, 3].map((i) => ask(`large ${i}`, large));
  await sleep(200);
  await ask("small", trial);
  await Promise.all(three);
  assert.equal(order[0], "small");
  server.process.kill("SIGTERM");
  assert.equal(await server.ended, 0, server.said);
});

test("what keeps it from starting is said in one line", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  for (const [program, said] of [
    [
      new Program("serve", "--port", String(port)),
      /^field "--port": port \d+ is taken by another program/,
    ],
    [serve("--model", join(root, "none")), /none: is no folder\. Name the folder of the model/],
    [
      serve("--host", "0.0.0.0"),
      /^field "--host": reaches beyond this machine, and there is no token/,
    ],
    [serve("--drugs", join(root, "none.tsv")), /none\.tsv: cannot be read/],
  ] as const) {
    assert.equal(await program.ended, 2, program.said);
    assert.match(program.said, said);
    assert.equal(program.said.trim().split("\n").length, 1, program.said);
  }
  taken.close();
});

test("tokens are made, shown, asked for and removed", async () => {
  const token = async (...args: string[]) => {
    const program = new Program("token", ...args);
    return { code: await program.ended, said: program.said.trim() };
  };
  const made = await token("add", "anna", "--scope", "read", "write");
  assert.match(made.said, /^cladmop_[\w-]{43}$/);
  assert.deepEqual((await token("add", "anna")).code, 2);
  assert.match((await token("list")).said, /anna .*read write .*never/);

  const guarded = serve("--no-history"); // who keeps nothing asks all the same
  assert.equal((await fetch(`${await guarded.url()}v1/models`)).status, 401);
  guarded.process.kill("SIGTERM");
  await guarded.ended;

  const server = serve("--host", "0.0.0.0");
  const url = (await server.url()).replace("0.0.0.0", "127.0.0.1");
  const ask = (given: string) =>
    fetch(`${url}v1/models`, { headers: { authorization: `Bearer ${given}` } });
  assert.equal((await ask("cladmop_other")).status, 401);
  assert.equal((await ask(made.said)).status, 200);
  assert.equal((await token("remove", "anna")).code, 0);
  assert.equal((await ask(made.said)).status, 401);
  server.process.kill("SIGTERM");
  assert.equal(await server.ended, 0, server.said);
});
