import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { DatabaseSync } from "@photostructure/sqlite";
import { InputError } from "../base/error.js";
import { HistoryFault } from "./fault.js";
import type { History } from "./history.js";
import { migrate } from "./migrations.js";
import { historyIn, openDatabase, openHistory } from "./open.js";
import { kept, needsPostgres, newFile, onBoth, servesTests, testServer } from "./test-support.js";

servesTests();

async function refused(
  work: () => Promise<unknown>,
  message: RegExp,
  kind: typeof InputError = HistoryFault,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof kind, String(error));
    assert.match(error.message, message);
    assert.ok(!/wr0ng|s3cret/.test(error.message), error.message);
    return true;
  });
}

onBoth("tables of a newer program are left alone", async ({ newUrl }) => {
  const url = await newUrl();
  await (await openHistory(url)).close();
  const database = await openDatabase(url);
  await database.query("update cladmop_schema set version = 99");
  await database.close();
  await refused(
    () => openHistory(url),
    /(sqlite|made_\d+): was made by a newer cladmop \(its tables are version 99, this one knows \d+\)\. Update/,
    InputError,
  );
});

onBoth("tables of the first version keep what they have", async ({ newUrl }) => {
  const url = await newUrl();
  let history = await openHistory(url);
  const { id } = await history.add(kept());
  await history.close();
  const database = await openDatabase(url);
  await database.query("drop table cladmop_attempts");
  await database.query("update cladmop_schema set version = 1");
  await database.close();
  history = await openHistory(url);
  assert.equal((await history.get(id))!.id, id);
  await history.close();
  const again = await openDatabase(url);
  assert.deepEqual(await again.query("select id from cladmop_attempts"), []);
  await again.close();
});

onBoth("a step of migration that fails leaves nothing behind", async ({ newUrl }) => {
  const url = await newUrl();
  const database = await openDatabase(url);
  await database.query("create table cladmop_tokens (other integer)"); // so the first step fails after some tables
  await assert.rejects(openHistory(url), /cladmop_tokens/);
  await database.query("drop table cladmop_tokens");
  await database.close();
  const history = await openHistory(url);
  await history.add(kept());
  await history.close();
});

test("URLs that are none are refused and not repeated", async () => {
  for (const url of ["", "mysql://me:wr0ng@host/name", "sqlite://wr0ng"])
    await refused(
      () => openHistory(url),
      /^field "--database": is neither .*Write postgres:/,
      InputError,
    );
  for (const url of ["postgres://me:1/wr0ng@host/name", "postgres:wr0ng", "postgres://host"])
    await refused(() => openHistory(url), /^field "--database": is not the URL/, InputError);
});

test("SQLite: a file that is none, a folder, no permission", async () => {
  const file = newFile();
  mkdirSync(dirname(file));
  writeFileSync(
    file,
    "These are a user's notes, longer than the header of a database. ".repeat(20),
  );
  await refused(() => openHistory(file), /history\.sqlite: is no SQLite database .*Restore a copy/);
  await refused(() => openHistory(dirname(file)), /cannot be opened/);
  await refused(() => openHistory(`${file}/below`), /cannot be opened/);
});

test("SQLite: a damaged file is told, and does not end the process", async () => {
  const file = newFile();
  let history = await openHistory(file);
  await history.addMany(Array.from({ length: 200 }, () => kept()));
  await history.close();
  const handle = openSync(file, "r+");
  for (let at = 8192; at < statSync(file).size - 4096; at += 4096)
    writeSync(handle, Buffer.alloc(4000, 0xa5), 0, 4000, at);
  await refused(async () => {
    history = await openHistory(file);
    await history.search({ text: "gout" });
  }, /is damaged .*Restore a copy/);
  await history.close().catch(() => {});
  truncateSync(file, 5000);
  await refused(() => openHistory(file), /is (damaged|no SQLite database)/);
});

test("SQLite: a commit waits for the disk", async () => {
  const database = await openDatabase(newFile());
  assert.deepEqual(await database.query("pragma synchronous"), [{ synchronous: 2 }]);
  assert.deepEqual(await database.query("pragma journal_mode"), [{ journal_mode: "wal" }]);
  await database.close();
});

onBoth("a fault of our own tells nothing of what was to be kept", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const unfit = kept({ title: "confidential" }, { probability: null as unknown as number });
  await assert.rejects(history.add(unfit), (error: Error) => {
    assert.ok(!(error instanceof InputError), String(error));
    assert.ok(!JSON.stringify({ ...error, message: error.message }).includes("confidential"));
    return true;
  });
  await history.close();
});

test("SQLite: a full disk keeps nothing of a lot, and all of what was kept before", async () => {
  const database = await openDatabase(newFile());
  await database.query("create table t (x text)");
  await database.query("insert into t values ('before')");
  await database.query("pragma max_page_count = 20"); // SQLite says the same of a disk that is full
  await refused(
    () =>
      database.transaction(async (query) => {
        for (let i = 0; i < 100; i++) await query("insert into t values ($1)", ["x".repeat(4000)]);
      }),
    /cannot grow: the disk is full .*Free space/,
  );
  assert.deepEqual(await database.query("select x from t"), [{ x: "before" }]);
  await database.query("insert into t values ('after')");
  await database.close();
});

/** Ready, then full, then with room again: what a readiness check says of each. */
async function fillsUp(
  history: History,
  fill: () => Promise<unknown>,
  free: () => Promise<unknown>,
  problem: RegExp,
): Promise<void> {
  await history.check();
  await fill();
  await history.check(); // nothing was to be kept yet
  await refused(() => history.add(kept({ eligibilityCriteria: "x".repeat(100_000) })), problem);
  await refused(() => history.check(), problem);
  assert.equal(await history.setLabel("none", { label: 1 }), undefined); // writes nothing: no sign of room
  await refused(() => history.check(), problem);
  await free();
  await history.check();
  await history.add(kept());
  await history.check();
  await history.close();
}

test("SQLite: a history that can keep nothing is not ready until it can", async () => {
  const database = await openDatabase(newFile());
  await migrate(database);
  await fillsUp(
    historyIn(database),
    () => database.query("pragma max_page_count = 1"), // as many as there are, SQLite makes of it
    () => database.query("pragma max_page_count = 100000"),
    /cannot grow: the disk is full/,
  );
});

test(
  "PostgreSQL: a history that can keep nothing is not ready until it can",
  needsPostgres,
  async () => {
    const database = await openDatabase(await testServer().newDatabase());
    await migrate(database);
    // PostgreSQL's own error of a full disk: SQLSTATE 53100.
    await database.query(`create function full_disk() returns trigger language plpgsql as $$ begin
    raise exception 'could not extend file' using errcode = 'disk_full';
  end $$`);
    const tables = ["cladmop_predictions", "cladmop_attempts"];
    const each = (sql: (table: string) => string) => async () => {
      for (const table of tables) await database.query(sql(table));
    };
    await fillsUp(
      historyIn(database),
      each((t) => `create trigger full_disk before insert on ${t} execute function full_disk()`),
      each((t) => `drop trigger full_disk on ${t}`),
      /the server's disk is full/,
    );
  },
);

test("SQLite: a lock is waited for, then told", async () => {
  const file = newFile();
  const history = await openHistory(file);
  const other = new DatabaseSync(file);
  other.exec("begin immediate");
  const waiting = history.add(kept());
  setTimeout(() => other.exec("commit"), 300);
  await waiting;
  other.exec("begin immediate");
  await refused(
    () => history.add(kept()),
    /is locked by another process .*Wait for it, or stop it/,
  );
  other.exec("rollback");
  other.close();
  await history.add(kept());
  assert.equal((await history.search({})).rows.length, 2);
  await history.close();
  await assert.rejects(history.search({}), /is closed/);
});

test("SQLite: what cannot be written is told", {
  skip: process.getuid?.() === 0 && "as root",
}, async () => {
  const file = newFile();
  await (await openHistory(file)).close();
  chmodSync(file, 0o400);
  await refused(() => openHistory(file), /cannot be opened|lets nothing be written/);
});

test("PostgreSQL: who is refused is told without the password", needsPostgres, async () => {
  const { port } = testServer();
  const url = (rest: string) => `postgres://postgres:wr0ng@127.0.0.1:${rest}`;
  await refused(
    () => openHistory(url(`${port}/aact`)),
    /:\d+\/aact: refuses the user or the password/,
  );
  await refused(
    () => openHistory(url("9/aact")),
    /127\.0\.0\.1:9\/aact: the server cannot be reached/,
  );
  const good = await testServer().newDatabase();
  await refused(() => openHistory(good.replace(/made_\d+$/, "none")), /there is no such database/);
});

test("PostgreSQL: a user that may create nothing", needsPostgres, async () => {
  const good = await testServer().newDatabase();
  await testServer().admin.query("create role guest login password 'wr0ng'");
  await refused(
    () => openHistory(good.replace(/\/\/.*@/, "//guest:wr0ng@")),
    /does not let this user do it \(permission denied for schema public\)/,
  );
});

test(
  "PostgreSQL: a lost connection is taken up again, a server that is away is told",
  needsPostgres,
  async () => {
    const history = await openHistory(await testServer().newDatabase());
    await history.add(kept());
    const end = () =>
      testServer().admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cladmop'",
      );
    await end();
    await history.add(kept());
    // While statements run, too.
    const busy = Array.from({ length: 40 }, () => history.add(kept()));
    await end();
    await Promise.all(busy);
    assert.equal((await history.search({})).rows.length, 42); // none twice
    await testServer().crash(async () => {
      await refused(
        () => history.add(kept()),
        /the server cannot be reached .*that the server is up/,
      );
      await refused(() => history.check(), /the server cannot be reached/);
    });
    await history.add(kept());
    assert.equal((await history.search({})).rows.length, 43);
    await history.close();
  },
);
