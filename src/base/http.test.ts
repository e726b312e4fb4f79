import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { InputError } from "./error.js";
import { exchange, readRetryAfter, request } from "./http.js";
import { Transient } from "./retry.js";

let respond: (response: ServerResponse) => void;
const server = createServer((_, response) => respond(response)).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

test("an answer is given as it is, whatever its status says of the request", async () => {
  for (const status of [200, 400, 404]) {
    respond = (response) => response.writeHead(status).end("text");
    assert.deepEqual(await request(url, {}, 5000), { status, body: "text" });
  }
});

test("a redirect is not followed", async () => {
  respond = (response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
  assert.equal((await request(url, { method: "POST", body: "secret" }, 5000)).status, 307);
});

test("what may pass by itself is told apart, with the wait that the server asks for", async () => {
  for (const status of [408, 429, 500, 503]) {
    respond = (response) => response.writeHead(status, { "retry-after": "7" }).end("later");
    await assert.rejects(request(url, {}, 5000), (error) => {
      assert.ok(error instanceof Transient);
      assert.equal(error.message, `status ${status}: later`);
      assert.equal(error.retryAfter, 7000);
      return true;
    });
  }
  const faults: [RegExp, (response: ServerResponse) => void][] = [
    [/no connection/, (response) => response.destroy()],
    [
      /no connection/,
      (response) => response.writeHead(200).write("half", () => response.destroy()),
    ],
    [/no answer within 0.05 seconds/, () => {}],
    [/no answer within 0.05 seconds/, (response) => response.writeHead(200).write("half")],
  ];
  for (const [message, fault] of faults) {
    respond = fault;
    const asked = request(url, {}, message.source.startsWith("no answer") ? 50 : 5000);
    await assert.rejects(asked, { name: "Transient", message });
  }
});

test("what no other attempt can mend is told apart, without what the address holds beside the host", async () => {
  for (const [address, message] of [
    [
      "http://nowhere.invalid/?key=secret",
      /^http:\/\/nowhere\.invalid: no connection: .*ENOTFOUND/,
    ],
    [
      "http://127.0.0.1:9/?key=secret",
      /^http:\/\/127\.0\.0\.1:9: no connection: bad port\. Correct/,
    ],
  ] as const)
    await assert.rejects(request(address, {}, 5000), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("secret"));
      return true;
    });
});

test("what the check throws ends a request that waits for its answer", async () => {
  respond = (response) => response.writeHead(200).write("half");
  let checks = 0;
  const check = () => {
    if (++checks === 2) throw new Error("stopped");
  };
  await assert.rejects(request(url, {}, 60_000, check), { name: "Error", message: "stopped" });
});

test("Retry-After is read as seconds or as a date", () => {
  assert.equal(readRetryAfter(null), undefined);
  assert.equal(readRetryAfter("soon"), undefined);
  assert.equal(readRetryAfter(" 120 "), 120_000);
  assert.equal(readRetryAfter("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
  const wait = readRetryAfter(new Date(Date.now() + 100_000).toUTCString())!;
  assert.ok(wait > 90_000 && wait <= 100_000, String(wait));
  assert.equal(readRetryAfter("86400"), 600_000);
  assert.equal(readRetryAfter(new Date(Date.now() + 86_400_000).toUTCString()), 600_000);
});

test("an answer is read as it comes, for as long as it goes on coming", async () => {
  const parts = [..."abcdefghijkl"]; // longer than the timeout in all, each part far from it
  respond = (response) => {
    const send = () => {
      const part = parts.shift();
      if (part === undefined) response.end();
      else response.write(part, () => setTimeout(send, 200));
    };
    send();
  };
  let read = "";
  await exchange(url, {}, 2000, async ({ body }, alive) => {
    for await (const part of body!) {
      read += Buffer.from(part as Uint8Array).toString();
      alive();
    }
  });
  assert.equal(read, "abcdefghijkl");
});

test("what reading throws is told as it is, and the rest is not waited for", async () => {
  respond = (response) => response.writeHead(200).write("half");
  for (const error of [new InputError("disk", { remedy: "Free it" }), new Transient("short")]) {
    const asked = exchange(url, {}, 60_000, async () => {
      throw error;
    });
    await assert.rejects(asked, (thrown) => thrown === error);
  }
});
