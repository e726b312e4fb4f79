import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Unreachable } from "../base/http.js";
import { LIMITS } from "./context.js";
import { type Answer, json, KNOWN, serviceWithHistory, TestService } from "./test-service.js";

const { service, history } = await serviceWithHistory();
const ask = service.ask.bind(service);

const DRAFT = {
  title: "A title",
  phase: "1",
  conditions: ["Asthma"],
  eligibilityCriteria: "Adults",
};
const JSON_TYPE = { "content-type": "application/json" };
const STUDY = {
  protocolSection: {
    identificationModule: { nctId: "nct00000007", briefTitle: "A study" },
    eligibilityModule: { eligibilityCriteria: "Adults of either sex" },
    conditionsModule: { conditions: ["Asthma"] },
    designModule: { phases: ["PHASE2"] },
  },
};
const predict = (body: unknown, query = "") => ask("POST", `/v1/predictions${query}`, { body });
const fieldsOf = (answer: { text: string }): string[] =>
  json(answer as never).errors.map(({ field }: { field: string }) => field);

test("the document is valid OpenAPI 3.1 and tells of every route", async () => {
  const { status, text } = await ask("GET", "/openapi.json");
  assert.equal(status, 200);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(text));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, "3.1");
  assert.deepEqual(Object.keys(JSON.parse(text).paths).sort(), [
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/readyz",
    "/v1/conditions",
    "/v1/drafts",
    "/v1/drugs",
    "/v1/explanations",
    "/v1/models",
    "/v1/models/{sha256}/files",
    "/v1/performance",
    "/v1/predictions",
    "/v1/predictions/{id}",
    "/v1/predictions/{id}/label",
    "/v1/settings",
    "/v1/similar",
    "/v1/structures",
    "/v1/trials/{nctId}",
    "/v1/trials/{nctId}/similar",
  ]);
});

test("the document's example questions are answered", async () => {
  const { examples } = json(await ask("GET", "/openapi.json")).components.schemas.QuestionInput;
  assert.equal(examples.length, 2);
  for (const question of examples) {
    const answer = await predict(question);
    assert.equal(answer.status, 200, answer.text);
  }
});

test("the document says which scope of a token each operation asks for", async () => {
  const guarded = await TestService.start({ history, tokens: history });
  const securityOf = async (one: TestService) => {
    const { paths } = json(await one.ask("GET", "/openapi.json"));
    return (path: string, method: string) => paths[path][method].security;
  };
  const [open, asked] = [await securityOf(service), await securityOf(guarded)];
  for (const [path, method, scopes] of [
    ["/v1/models", "get", ["read"]],
    ["/v1/predictions/{id}", "delete", ["write"]],
    ["/v1/predictions", "post", ["read", "write"]],
  ] as const) {
    const tokens = scopes.map((scope) => ({ token: [scope] }));
    assert.deepEqual(asked(path, method), tokens);
    assert.deepEqual(open(path, method), [{}, ...tokens]);
  }
  assert.deepEqual(asked("/v1/settings", "get"), []);
  await guarded.stop();
});

test("a trial is predicted as a draft, as a record and by its number, and kept", async () => {
  for (const [question, criteria] of [
    [{ trial: DRAFT }, "Adults"],
    [{ study: STUDY }, "Adults of either sex"],
    [{ nctId: KNOWN.toLowerCase() }, "Adults"],
  ] as const) {
    const answer = await predict(question);
    assert.equal(answer.status, 200, answer.text);
    const { id, model, prediction } = json(answer);
    assert.equal(prediction.reading.inclusion[0], criteria);
    assert.equal(model.name, "made-up");
    const kept = json(await ask("GET", `/v1/predictions/${id}`));
    assert.deepEqual(kept.prediction, prediction);
    assert.equal(kept.draft.eligibilityCriteria, criteria);
  }
  const { predictions } = json(await ask("GET", "/v1/predictions?q=a%20study&count=1"));
  assert.equal(predictions[0].nctId, "NCT00000007");
});

test("with keep=false nothing is kept", async () => {
  const answer = await predict({ trial: { ...DRAFT, title: "Not for keeps" } }, "?keep=false");
  assert.equal(json(answer).id, null);
  assert.deepEqual(json(await ask("GET", "/v1/predictions?q=keeps")).predictions, []);
});

test("every wrong field of a question is named", async () => {
  const wrong = { phase: "9", conditions: ["Asthma", 3], eligibilityCriteria: " ", dose: 5 };
  const answer = await predict({ trial: wrong });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.deepEqual(fieldsOf(answer).sort(), [
    "/trial/conditions/1",
    "/trial/dose",
    "/trial/eligibilityCriteria",
    "/trial/phase",
  ]);
  for (const [body, fields] of [
    [{ trial: {} }, ["/trial/phase", "/trial/eligibilityCriteria"]],
    [{ nctId: "NCT1" }, ["/nctId"]],
    [{ study: {} }, ["/study/protocolSection"]],
    [
      { study: { protocolSection: { ...STUDY.protocolSection, designModule: { phases: ["X"] } } } },
      ["/study/protocolSection/designModule/phases"],
    ],
    ["[]", [""]],
    ["", [""]],
    ["{", [""]],
  ] as const) {
    const refused = await predict(body);
    assert.equal(refused.status, 400, refused.text);
    assert.deepEqual(fieldsOf(refused), fields);
  }
  const query = await predict({ trial: DRAFT }, "?keep=maybe&kept=1");
  assert.deepEqual(fieldsOf(query).sort(), ["?keep", "?kept"]);
});

test("what is wrong is said in plain words", async () => {
  const messageOf = async (answer: Promise<Answer>) => json(await answer).errors[0].message;
  const blank = { ...DRAFT, eligibilityCriteria: " " };
  assert.equal(await messageOf(predict({ trial: blank })), "Must not be empty");
  const long = { ...DRAFT, eligibilityCriteria: "x".repeat(100_001) };
  assert.equal(await messageOf(predict({ trial: long })), "Must be 100,000 characters or fewer");
  const since = "Must be a time like 2025-01-31T12:00:00Z";
  assert.equal(await messageOf(ask("GET", "/v1/predictions?since=yesterday")), since);
  assert.equal(await messageOf(ask("GET", "/v1/predictions/7")), "Must be a UUID");
  const dense = { ...DRAFT, eligibilityCriteria: "\u60a3\u8005".repeat(20_000) };
  const unreadable = await predict({ trial: dense });
  assert.deepEqual(fieldsOf(unreadable), ["/trial/eligibilityCriteria"]);
  assert.match(
    await messageOf(Promise.resolve(unreadable)),
    /some 120,000 tokens.* 80,000 at most/,
  );
  const many = { ...DRAFT, eligibilityCriteria: "\u60a3\u8005\n".repeat(5000) };
  assert.equal((await predict({ trial: many })).status, 200);
  const unexplained = await ask("POST", "/v1/explanations", { body: { trial: many } });
  assert.deepEqual(fieldsOf(unexplained), ["/trial/eligibilityCriteria"]);
  const { id } = json(await predict({ trial: DRAFT }));
  const label = (value: unknown) =>
    ask("PUT", `/v1/predictions/${id}/label`, { body: { label: value } });
  assert.equal(await messageOf(label(7)), "Must be 0, 1 or null");
  assert.equal((await label(null)).status, 200);
  assert.equal(
    json(await ask("POST", "/v1/drafts", { body: { study: { protocolSection: {} } } })).detail,
    "This is no study of ClinicalTrials.gov's API v2: protocolSection.identificationModule is missing",
  );
});

test("a registry that cannot be reached is named, without the network's own words", async (t) => {
  const find = async () => {
    throw new Unreachable("no connection: getaddrinfo ENOTFOUND", { remedy: "Correct the host" });
  };
  const lost = await TestService.start({ lookup: { online: true, find } });
  t.after(() => lost.stop());
  const answer = await lost.ask("GET", `/v1/trials/${KNOWN}`);
  assert.equal(answer.status, 502);
  assert.equal(json(answer).detail, "ClinicalTrials.gov cannot be reached from this server");
});

test("what is not JSON, or too large, or not there, is refused", async () => {
  const form = await ask("POST", "/v1/predictions", { body: "a=b", "content-type": "text/plain" });
  assert.equal(form.status, 415);
  const lines = await ask("POST", "/v1/explanations", {
    body: "{}",
    "content-type": "application/x-ndjson",
  });
  assert.equal(lines.status, 415);
  const large = await predict({ trial: { ...DRAFT, title: "x".repeat(LIMITS.body) } });
  assert.equal(large.status, 413);
  assert.equal((await ask("GET", "/v1/trials/NCT00000009")).status, 404);
  assert.equal((await ask("GET", "/v1/nothing")).status, 404);
  for (const [method, url, allowed] of [
    ["DELETE", "/v1/predictions", ["GET", "HEAD", "POST"]],
    ["GET", `/v1/predictions/${"0".repeat(32)}/label?x=1`, ["PUT"]],
    ["POST", "/", ["GET", "HEAD"]],
  ] as const) {
    const wrong = await ask(method, url);
    assert.deepEqual([wrong.status, json(wrong).status], [405, 405]);
    assert.deepEqual(String(wrong.headers.allow).split(", ").sort(), allowed);
  }
  const packed = await ask("POST", "/v1/drafts", { body: "{}", "content-encoding": "gzip" });
  assert.deepEqual([packed.status, packed.headers["accept-encoding"]], [415, "identity"]);
  const malformed = await ask("GET", "/v1/predictions/%ff");
  assert.deepEqual([malformed.status, json(malformed).errors], [400, undefined]);
  assert.match(json(malformed).detail, /^The address is malformed/);
  const polluted = await predict('{"trial":{"__proto__":{"phase":"1"}}}');
  assert.equal(polluted.status, 400);
});

test("many are answered in order, bad lines in their place", async () => {
  const good = (criteria: string) =>
    JSON.stringify({ trial: { ...DRAFT, eligibilityCriteria: criteria } });
  const body = [good("one"), "{", "", good("wait 30"), '{"trial":{}}', good("é")].join("\r\n");
  const answer = await ask("POST", "/v1/predictions", {
    body,
    "content-type": "application/x-ndjson",
  });
  assert.equal(answer.status, 200);
  const lines = answer.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(
      ({ prediction, problem, index }) =>
        prediction?.reading.inclusion[0] ?? [index, problem.status],
    ),
    ["one", [1, 400], "wait 30", [3, 400], "é"],
  );
  assert.ok(lines.every(({ id, problem }) => problem || id));
});

test("more lines than may wait are answered all the same", async () => {
  const line = JSON.stringify({ trial: DRAFT });
  const more = { body: Array(150).fill(line).join("\n"), "content-type": "application/x-ndjson" };
  const streams = Array.from({ length: 6 }, () =>
    ask("POST", "/v1/predictions?keep=false", { ...more }),
  );
  for (const { text } of await Promise.all(streams))
    assert.equal(text.match(/"prediction":/g)?.length, 150);
});

test("an explanation, similar trials, drafts of records, suggestions, structures", async () => {
  const explained = await ask("POST", "/v1/explanations", { body: { trial: DRAFT } });
  assert.equal(json(explained).attributions[0].effect, 1.5);
  for (const answer of [
    await ask("POST", "/v1/similar?count=3", { body: { trial: DRAFT } }),
    await ask("GET", `/v1/trials/${KNOWN}/similar`),
  ])
    assert.equal(json(answer).neighbours[0].nctId, "NCT00000002");
  const { draft } = json(await ask("POST", "/v1/drafts", { body: { study: STUDY } }));
  assert.deepEqual([draft.title, draft.nctId, draft.phase], ["A study", "NCT00000007", "2"]);
  assert.equal(json(await ask("GET", `/v1/trials/${KNOWN}`)).outcome.status, "COMPLETED");
  assert.equal(json(await ask("GET", "/v1/drugs?q=asp")).suggestions[0].name, "asp");
  assert.equal(json(await ask("GET", "/v1/conditions?q=asthma&count=1")).suggestions.length, 1);
  const drawn = await ask("GET", "/v1/structures?smiles=C");
  assert.deepEqual(
    [drawn.headers["content-type"], drawn.text.slice(0, 4)],
    ["image/svg+xml", "<svg"],
  );
  assert.deepEqual(fieldsOf(await ask("GET", "/v1/structures?smiles=bad")), ["?smiles"]);
  assert.deepEqual(fieldsOf(await ask("GET", "/v1/drugs?count=0")), ["?q", "?count"]);
});

test("labels, performance and deletion", async () => {
  const { id } = json(await predict({ trial: DRAFT }));
  const label = `/v1/predictions/${id}/label`;
  const labelled = await ask("PUT", label, { body: { label: 1, note: "registry" } });
  assert.deepEqual([json(labelled).label, json(labelled).note], [1, "registry"]);
  assert.equal(json(await ask("GET", "/v1/predictions?label=1")).predictions.length, 1);
  assert.equal(json(await ask("GET", "/v1/performance")).models[0].unseen.n, 1);
  assert.deepEqual(fieldsOf(await ask("PUT", label, { body: { label: 2 } })), ["/label"]);
  assert.equal((await ask("DELETE", `/v1/predictions/${id}`)).status, 204);
  for (const [method, url] of [
    ["GET", `/v1/predictions/${id}`],
    ["DELETE", `/v1/predictions/${id}`],
  ] as const)
    assert.equal((await ask(method, url)).status, 404);
  assert.equal((await ask("PUT", label, { body: { label: null } })).status, 404);
  assert.deepEqual(fieldsOf(await ask("GET", "/v1/predictions/12")), ["id"]);
  assert.deepEqual(fieldsOf(await ask("GET", "/v1/predictions?cursor=x")), ["?cursor"]);
});

test("the page, the model's files, and nothing else of the file system", async () => {
  const page = await ask("GET", "/");
  assert.match(page.text, /<title>page/);
  const policy = String(page.headers["content-security-policy"]);
  assert.match(policy, /default-src 'none';script-src 'self' 'wasm-unsafe-eval';worker-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-inline/);
  assert.equal(page.headers["x-content-type-options"], "nosniff");
  const { models } = json(await ask("GET", "/v1/models"));
  assert.deepEqual(models[0].files, [{ name: "model.json", bytes: 2, sha256: "ab" }]);
  const files = `/v1/models/${models[0].sha256}/files`;
  assert.equal((await ask("GET", `${files}?name=model.json`)).text, "{}");
  assert.deepEqual(fieldsOf(await ask("GET", files)), ["?name"]);
  for (const path of [
    `${files}?name=index.html`,
    `${files}?name=..%2Findex.html`,
    `${files}/model.json`,
    "/v1/models/0/files?name=model.json",
    "/model.json/../../package.json",
    "/..%2F..%2Fpackage.json",
    "/%2e%2e/package.json",
    "/etc/passwd",
    "/package.json%00.html",
  ]) {
    const { statusCode } = await service.app.inject(path);
    assert.ok(statusCode === 404 || statusCode === 400, `${path}: ${statusCode}`);
  }
});

test("health, readiness, settings and metrics", async () => {
  assert.equal((await ask("GET", "/healthz")).status, 200);
  assert.equal((await ask("GET", "/readyz")).status, 200);
  assert.deepEqual(json(await ask("GET", "/v1/settings")), {
    version: "1.2.3",
    authentication: false,
    history: true,
    past: true,
    online: false,
    scopes: ["read", "write"],
  });
  const { text } = await ask("GET", "/metrics");
  assert.match(
    text,
    /cladmop_http_requests_total\{method="POST",route="\/v1\/predictions",status="400"\} \d/,
  );
  for (const name of [
    "http_request_seconds_bucket",
    "lot_trials_count",
    "predictions_total",
    "waiting",
    "ready 1",
  ])
    assert.match(text, new RegExp(`^cladmop_${name}`, "m"));
  assert.match(text, /cladmop_model_info\{name="made-up",sha256="5a5a/);
  assert.match(text, /nodejs_eventloop_lag/);
});

test("a host name that is not this machine's is refused", async () => {
  for (const [host, status] of [
    ["evil.example", 421],
    ["localhost.evil.example:8080", 421],
    ["127.0.0.1@evil.example", 421],
    ["localhost:8080", 200],
    ["[::1]:8080", 200],
    ["127.0.0.1", 200],
  ] as const)
    assert.equal((await ask("GET", "/healthz", { host })).status, status, host);
});

test("a thread that ends is a fault that names it, and so is any other; neither quotes the trial", async () => {
  const ended = await predict({ trial: { ...DRAFT, eligibilityCriteria: "end" } });
  assert.equal(ended.status, 500);
  assert.match(json(ended).detail, /engine thread 1 ended while it computed this/);
  const failed = await predict({ trial: { ...DRAFT, eligibilityCriteria: "fail" } });
  assert.equal(failed.status, 500);
  assert.doesNotMatch(failed.text, /quotes/);
});

test("without history, past trials or a loaded model this is said", async () => {
  const bare = await TestService.start({ past: false });
  for (const [url, kind] of [
    ["/v1/predictions", "no-history"],
    ["/v1/performance", "no-history"],
    [`/v1/trials/${KNOWN}/similar`, "no-past-trials"],
  ] as const) {
    const answer = await bare.ask("GET", url);
    assert.equal(answer.status, 404);
    assert.equal(json(answer).type, `urn:cladmop:problem:${kind}`);
  }
  assert.equal(
    json(await bare.ask("POST", "/v1/predictions", { body: { trial: DRAFT } })).id,
    null,
  );
  const running = bare.ask("POST", "/v1/explanations", {
    body: { trial: { ...DRAFT, eligibilityCriteria: "end" } },
  });
  assert.equal((await running).status, 500);
  const notReady = await bare.ask("GET", "/readyz");
  assert.deepEqual([notReady.status, json(notReady).type], [503, "urn:cladmop:problem:loading"]);
  await bare.stop();
});

test("tokens are asked for by their scope", async () => {
  const write = await history.addToken({ name: "w", scopes: ["read", "write"] });
  const read = await history.addToken({ name: "r", scopes: ["read"] });
  const guarded = await TestService.start({ history, tokens: history, loopback: false });
  const with_ = (token: string) => ({ authorization: `Bearer ${token}`, host: "team.example" });
  const body = { trial: DRAFT };
  for (const [method, url, more, status] of [
    ["GET", "/v1/models", {}, 401],
    ["GET", "/v1/models", with_("cladmop_wrong"), 401],
    ["GET", "/v1/models", with_(read), 200],
    ["GET", "/metrics", {}, 401],
    ["POST", "/v1/predictions", { body, ...with_(read) }, 403],
    ["POST", "/v1/predictions?keep=false", { body, ...with_(read) }, 200],
    ["POST", "/v1/predictions?keep=false&keep=true", { body, ...with_(read) }, 403],
    ["POST", "/v1/predictions", { body, ...with_(write) }, 200],
    ["POST", "/v1/predictions", { body: "{" }, 401],
    ["POST", "/v1/explanations", { body, ...with_(read) }, 200],
    ["DELETE", "/v1/predictions/x", with_(read), 403],
    ["GET", "/v1/settings", {}, 200],
    ["GET", "/healthz", {}, 200],
    ["GET", "/", {}, 200],
  ] as const) {
    const answer = await guarded.ask(method, url, more);
    assert.equal(answer.status, status, `${method} ${url}: ${answer.text}`);
    if (status === 401) assert.match(String(answer.headers["www-authenticate"]), /^Bearer/);
  }
  const scopesOf = async (more: Readonly<Record<string, unknown>>) =>
    json(await guarded.ask("GET", "/v1/settings", more)).scopes;
  assert.equal(await scopesOf({ host: "team.example" }), null);
  assert.equal(await scopesOf(with_("cladmop_wrong")), null);
  assert.deepEqual(await scopesOf(with_(read)), ["read"]);
  await history.removeToken("r");
  assert.equal((await guarded.ask("GET", "/v1/models", with_(read))).status, 401);
  await guarded.stop();
});

test("more requests of a client than it may make are refused", async () => {
  const slow = await TestService.start({ limits: { ...LIMITS, perMinute: 3 } });
  for (const expected of [200, 200, 429, 429]) {
    // The first of the three got the document.
    const { status, headers } = await slow.ask("GET", "/v1/drugs?q=a");
    assert.equal(status, expected);
    if (status === 429) assert.ok(Number(headers["retry-after"]) > 0);
  }
  assert.equal((await slow.ask("GET", "/healthz")).status, 200);
  await slow.stop();
});

test("requests with a valid token are counted by it, others by their address", async () => {
  const [anna, ben] = [
    await history.addToken({ name: "anna", scopes: ["read"] }),
    await history.addToken({ name: "ben", scopes: ["read"] }),
  ];
  const limits = { ...LIMITS, perMinute: 3 };
  const own = await TestService.start({ history, tokens: history, limits });
  const statuses = async (token: string, count: number) => {
    const asked: number[] = [];
    for (let i = 0; i < count; i++)
      asked.push((await own.ask("GET", "/v1/models", { authorization: `Bearer ${token}` })).status);
    return asked;
  };
  // The first of the address got the document.
  assert.deepEqual(await statuses("cladmop_wrong", 3), [401, 401, 429]);
  assert.deepEqual(await statuses(anna, 4), [200, 200, 200, 429]);
  assert.deepEqual(await statuses(ben, 1), [200]);
  assert.equal((await own.ask("GET", "/v1/settings")).status, 429);
  await own.stop();
});

test("what Node cannot read as a request is a problem, too", async () => {
  const own = await TestService.start();
  await own.app.listen({ port: 0 });
  const { port } = own.app.server.address() as AddressInfo;
  for (const [sent, status, kind] of [
    ["NONSENSE\r\n\r\n", 400, "invalid-request"],
    [
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
      "head-too-large",
    ],
    ["GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "invalid-request"],
  ] as const) {
    const socket = connect(port);
    socket.write(sent);
    let text = "";
    for await (const chunk of socket.setEncoding("utf8")) text += chunk;
    const [head, body] = text.split("\r\n\r\n") as [string, string];
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(head, /content-type: application\/problem\+json/i);
    const details = JSON.parse(body);
    assert.deepEqual([details.type, details.status], [`urn:cladmop:problem:${kind}`, status]);
  }
  await own.stop();
});

test("what takes too long is given up, and said so", async () => {
  const slow = await TestService.start({ limits: { ...LIMITS, answer: 50 } });
  const body = { trial: { ...DRAFT, eligibilityCriteria: "wait 300" } };
  const answer = await slow.ask("POST", "/v1/predictions", { body });
  assert.deepEqual([answer.status, json(answer).type], [503, "urn:cladmop:problem:busy"]);
  assert.ok(answer.headers["retry-after"]);
  await slow.stop();
});

test("of many large trials those that could not be answered in time are refused at once", async () => {
  const eligibilityCriteria = `wait 100\n${"x".repeat(99_000)}`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => predict({ trial: { ...DRAFT, eligibilityCriteria } })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 503, 503]);
  const refused = answers.find(({ status }) => status === 503)!;
  assert.equal(json(refused).type, "urn:cladmop:problem:busy");
  assert.ok(refused.headers["retry-after"]);
});

test("a client that has gone stops its work; one that does not read stops its stream, one that hardly sends is cut off", async () => {
  const own = await TestService.start({ limits: { ...LIMITS, receive: 100 } });
  await own.app.listen({ port: 0 });
  const { port } = own.app.server.address() as AddressInfo;
  const post = (): ClientRequest =>
    request({
      port,
      method: "POST",
      path: "/v1/predictions",
      headers: { "content-type": "application/x-ndjson" },
    });
  const line = (criteria: string) =>
    `${JSON.stringify({ trial: { phase: "1", eligibilityCriteria: criteria } })}\n`;

  const gone = post();
  gone.on("error", () => {});
  gone.write(line("wait 100"));
  for (let i = 0; i < 15; i++) gone.write(line("wait 60000"));
  while (own.engine.waiting.predictions < 15) await new Promise((go) => setTimeout(go, 5));
  gone.destroy();
  while (own.engine.waiting.predictions > 0) await new Promise((go) => setTimeout(go, 5));

  const slow = request({ port, method: "POST", path: "/v1/drafts", headers: JSON_TYPE });
  slow.write("{");
  const [error] = await once(slow, "error");
  assert.equal(error.code, "ECONNRESET");

  const unread = post();
  let sent = 0;
  const long = line("x".repeat(90_000));
  const flow = async () => {
    for (; sent < 2000; sent++) if (!unread.write(long)) await once(unread, "drain");
  };
  const flowing = flow();
  flowing.catch(() => {});
  const [answer] = await once(unread, "response");
  let before = -1;
  while (sent !== before) {
    before = sent;
    await new Promise((go) => setTimeout(go, 300));
  }
  assert.ok(sent < 1000, `${sent} lines were taken, though no answer was read`);
  unread.on("error", () => {});
  answer.on("error", () => {});
  unread.destroy();
  await own.stop();
});
