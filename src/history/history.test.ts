import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { HistoryEntry, HistoryRow, Performance } from "./answer.js";
import { openHistory } from "./open.js";
import { kept, MODEL, onBoth, servesTests } from "./test-support.js";

servesTests();

const NO_ID = "00000000-0000-4000-8000-000000000000";

onBoth("what is kept comes back whole, also to another process", async ({ newUrl }) => {
  const url = await newUrl();
  const one = kept(
    {
      title: "Gout \0 and “flares”",
      nctId: "nct00000001",
      eligibilityCriteria: "Adults \ud83d\ude00",
    },
    { probability: 0.1 + 0.2, usedIn: null, baseRate: null },
  );
  let history = await openHistory(url);
  const { id, createdAt } = await history.add(one);
  await history.close();
  history = await openHistory(url);
  const entry = (await history.get(id))!;
  assert.deepEqual(HistoryEntry.parse(entry), entry);
  assert.deepEqual(entry, {
    id,
    createdAt,
    model: MODEL,
    title: "Gout \0 and “flares”",
    nctId: "NCT00000001",
    phase: "2",
    conditions: ["Gout"],
    drugs: ["Colchicine"],
    probability: 0.1 + 0.2,
    interval: [0.4, 0.6],
    baseRate: null,
    usedIn: null,
    label: null,
    note: null,
    labelledAt: null,
    draft: one.draft,
    prediction: one.prediction,
    labels: [],
  });
  const { draft, prediction, labels, ...row } = entry;
  assert.deepEqual(await history.search({}), { rows: [row], next: null });
  assert.deepEqual(z.array(HistoryRow).parse([row]), [row]);
  assert.equal(await history.get(NO_ID), undefined);
  assert.equal(await history.get("' or 1=1 --"), undefined);
  await history.check();
  await history.close();
});

onBoth("many are kept in their order, or none of them", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  assert.deepEqual(await history.addMany([]), []);
  const many = Array.from({ length: 450 }, (_, i) => kept({ title: `Trial ${i}` }));
  const receipts = await history.addMany(many);
  assert.equal(new Set(receipts.map(({ id }) => id)).size, 450);
  assert.equal((await history.get(receipts[317]!.id))!.title, "Trial 317");
  const unfit = kept({}, { probability: null as unknown as number });
  await assert.rejects(history.addMany([...many, unfit]), /probability/);
  let rows = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await history.search({ text: "gout", cursor, limit: 1000 });
    assert.ok(page.rows.length <= 200);
    rows += page.rows.length;
    if (page.next === null) break;
    cursor = page.next;
  }
  assert.equal(rows, 450);
  await history.close();
});

onBoth("labels: the last one counts, all are kept, and can be taken back", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const { id } = await history.add(kept());
  const first = (await history.setLabel(id, { label: 0, note: "stopped\0early" }))!;
  assert.deepEqual([first.label, first.note], [0, "stopped\ufffdearly"]);
  assert.ok(first.labelledAt !== null && first.labelledAt >= first.createdAt);
  assert.equal((await history.setLabel(id, { label: 1 }))!.note, null);
  assert.equal((await history.search({ label: 1 })).rows.length, 1);
  const back = (await history.setLabel(id, { label: null, note: "not yet known" }))!;
  assert.deepEqual([back.label, back.labelledAt, back.note], [null, null, "not yet known"]);
  const { labels } = (await history.get(id))!;
  assert.deepEqual(
    labels.map(({ label, note }) => [label, note]),
    [
      [0, "stopped\ufffdearly"],
      [1, null],
      [null, "not yet known"],
    ],
  );
  assert.equal(await history.setLabel(NO_ID, { label: 1 }), undefined);
  await history.close();
});

onBoth("what is removed is gone with its labels", async ({ newUrl, server }) => {
  const url = await newUrl();
  const history = await openHistory(url);
  const secret = "xylophone-☃☃☃☃"; // the index has parts of three letters
  await history.addMany(Array.from({ length: 20 }, () => kept()));
  const { id } = await history.add(
    kept({ title: secret, eligibilityCriteria: `Adults, ${secret}` }),
  );
  await history.setLabel(id, { label: 1, note: secret });
  const lies = (text: string) =>
    readdirSync(dirname(url)).some((name) => readFileSync(join(dirname(url), name)).includes(text));
  if (server === undefined) {
    assert.ok(lies(secret));
    assert.equal(statSync(url).mode & 0o077, 0);
  }
  assert.equal((await history.search({ text: secret })).rows.length, 1);
  assert.equal(await history.remove(id), true);
  assert.equal(await history.remove(id), false);
  assert.equal(await history.get(id), undefined);
  assert.equal((await history.search({ text: secret })).rows.length, 0);
  assert.equal((await history.search({ text: "gout" })).rows.length, 20);
  assert.deepEqual((await history.performance()).models, []);
  if (server === undefined) assert.ok(!lies(secret) && !lies("☃☃")); // not in the log, free pages or the index either
  await history.close();
});

onBoth("kill -9 loses no acknowledged row", async ({ newUrl }) => {
  const url = await newUrl();
  const ids: string[] = [];
  for (const time of [100, 200, 300]) {
    const program = fileURLToPath(new URL("./fake-keeper.js", import.meta.url));
    const child = spawn(process.execPath, [program, url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = "";
    child.stdout.on("data", (bytes: Buffer) => {
      told += bytes;
    });
    const ended = once(child, "close");
    await once(child.stdout, "data");
    await sleep(time); // whatever it is doing then
    child.kill("SIGKILL");
    await ended;
    ids.push(...told.split("\n").slice(0, -1)); // the last one may be cut off
  }
  assert.ok(ids.length > 50, String(ids.length));
  const history = await openHistory(url);
  for (const id of ids) assert.ok(await history.get(id), id);
  await history.close();
});

onBoth("tokens: kept as hashes, told once, with their scopes", async ({ newUrl, server }) => {
  const url = await newUrl();
  const history = await openHistory(url);
  const reader = await history.addToken({ name: "reader", scopes: ["read"] });
  const writer = await history.addToken({ name: "writer", scopes: ["write", "read"] });
  assert.match(reader, /^cladmop_[\w-]{43}$/);
  assert.notEqual(reader, writer);
  await assert.rejects(history.addToken({ name: "reader", scopes: ["read", "write"] }), {
    name: "InputError",
    message: /there is a token "reader" already/,
  });
  await assert.rejects(history.addToken({ name: " ", scopes: ["read"] }), /a token has a name/);
  const [before] = await history.listTokens();
  assert.equal(before!.lastUsedAt, null);
  assert.deepEqual(await history.scopesOf(reader), ["read"]);
  assert.deepEqual(await history.scopesOf(writer), ["read", "write"]);
  for (const wrong of ["", "cladmop_", `${reader}x`, reader.slice(0, -1), `${reader}\0`])
    assert.equal(await history.scopesOf(wrong), undefined);
  const [used] = await history.listTokens();
  assert.ok(Date.now() - Date.parse(used!.lastUsedAt!) < 60_000);
  await history.scopesOf(reader);
  assert.deepEqual((await history.listTokens())[0], used); // not written for each request
  if (server === undefined)
    for (const name of readdirSync(dirname(url)))
      assert.ok(!readFileSync(join(dirname(url), name)).includes(reader.slice(8)));
  assert.equal(await history.removeToken("reader"), true);
  assert.equal(await history.removeToken("reader"), false);
  assert.equal(await history.scopesOf(reader), undefined);
  await history.close();
});

onBoth("two that start at once on an empty database do not collide", async ({ newUrl }) => {
  const url = await newUrl();
  const histories = await Promise.all(Array.from({ length: 6 }, () => openHistory(url)));
  const receipts = await Promise.all(
    histories.flatMap((history) => [history.add(kept()), history.add(kept())]),
  );
  assert.equal((await histories[0]!.search({})).rows.length, receipts.length);
  const all = await histories[1]!.performance();
  assert.deepEqual(Performance.parse(all), { models: [] });
  await Promise.all(histories.map((history) => history.close()));
});
