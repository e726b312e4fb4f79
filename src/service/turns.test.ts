import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Turns } from "./turns.js";

test("long work goes on once no quick answer is at work, whatever becomes of it", async () => {
  const turns = new Turns(60_000);
  const order: string[] = [];
  let end = () => {};
  const quick = turns.ahead(() => new Promise<void>((resolve) => (end = resolve)));
  const failing = turns.ahead(async () => {
    throw new Error("a fault");
  });
  const next = turns.next().then(() => order.push("long work"));
  await assert.rejects(failing, /a fault/);
  await sleep(30);
  order.push("quick answer");
  end();
  await Promise.all([quick, next]);
  assert.deepEqual(order, ["quick answer", "long work"]);
  assert.equal(await turns.ahead(async () => 5), 5);
});

test("quick answers without end do not keep long work from going on", async () => {
  const turns = new Turns(20);
  let end = () => {};
  const quick = turns.ahead(() => new Promise<void>((resolve) => (end = resolve)));
  await turns.next();
  end();
  await quick;
});
