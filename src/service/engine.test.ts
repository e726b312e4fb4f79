import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Trial, trialOf } from "../trial/index.js";
import { EngineLost, MOST_TOKENS, MOST_WAITING } from "./engine.js";
import { fakeEngine } from "./test-service.js";
import { TooMany } from "./waiting.js";

const trial = (criteria: string): Trial =>
  trialOf({ phase: "1", conditions: [], interventions: [], eligibilityCriteria: criteria });

const engine = fakeEngine();
after(() => engine.release());
await engine.ready();

/** What was computed for a trial, in words of the fake. */
const lotOf = async (criteria: string, how = {}) =>
  (await engine.predict([trial(criteria)], how))[0]!.missing[0];

test("what comes to an idle thread does not wait; what comes meanwhile is computed together", async () => {
  const first = lotOf("wait 50");
  const others = Array.from({ length: 10 }, (_, i) => lotOf(`trial ${i}`));
  assert.equal(await first, "in a lot of 1");
  const lots = [4, 4, 4, 4, 4, 4, 4, 4, 2, 2].map((trials) => `in a lot of ${trials}`);
  assert.deepEqual(await Promise.all(others), lots);
});

test("answers come in the order of the trials, explanations beside predictions", async () => {
  const long = engine.explain(trial("wait 300"));
  const texts = Array.from({ length: 20 }, (_, i) => "x".repeat(i + 1));
  const predictions = await engine.predict(texts.map(trial));
  assert.deepEqual(
    predictions.map(({ reading }) => reading.tokens),
    texts.map(({ length }) => length),
  );
  const before = await Promise.race([long, "not yet"]);
  assert.equal(before, "not yet");
  assert.equal((await long).prediction.reading.tokens, "wait 300".length);
});

test("those that come alone go before those of many that came a little earlier", async () => {
  const order: string[] = [];
  const running = engine.predict([trial("wait 50")]);
  const many = engine.predict(Array(8).fill(trial("a")), { bulk: true });
  const alone = engine.predict([trial("b")]);
  await Promise.all([many.then(() => order.push("many")), alone.then(() => order.push("alone"))]);
  await running;
  assert.deepEqual(order, ["alone", "many"]);
});

test("what is given up is not computed", async () => {
  const running = lotOf("wait 50");
  const stop = new AbortController();
  const given = lotOf("wait 60000", { signal: stop.signal });
  const next = lotOf("next");
  stop.abort(new Error("gone"));
  await assert.rejects(given, /gone/);
  await running;
  assert.equal(await next, "in a lot of 1");
  await assert.rejects(lotOf("never", { signal: stop.signal }), /gone/);
});

test("an explanation at work is given up, too", async () => {
  const stop = new AbortController();
  const given = engine.explain(trial("wait 60000"), { signal: stop.signal });
  const next = engine.explain(trial("next"));
  stop.abort(new Error("gone"));
  await assert.rejects(given, /gone/);
  assert.equal((await next).prediction.reading.tokens, "next".length);
});

/** A trial that is long work. */
const large = (told: string, tokens = 5000): Trial =>
  trial(`${told}\n${"1".repeat(tokens - told.length - 1)}`);

test("large trials are computed one at a time, beside the others, which do not wait for them", async () => {
  const order: string[] = [];
  const both = ["first", "second"].map(async (name) => {
    const [prediction] = await engine.predict([large("wait 100")]);
    assert.equal(prediction!.missing[0], "in a lot of 1");
    order.push(name);
  });
  assert.deepEqual(engine.waiting, { predictions: 1, explanations: 0 });
  const similar = engine.similar(large(""), 3).then(() => order.push("similar"));
  const texts = ["tiny", "wait 100\n".padEnd(5000, "1"), "wait 1"];
  const mixed = engine.predict(texts.map(trial));
  await lotOf("tiny");
  order.push("tiny");
  await Promise.all([...both, similar]);
  assert.deepEqual(order, ["tiny", "first", "second", "similar"]);
  assert.deepEqual(
    (await mixed).map(({ reading }) => reading.tokens),
    texts.map(({ length }) => length),
  );
});

test("a lot has no more tokens than one that the others wait for", async () => {
  const running = lotOf("wait 50");
  const lots = ["a", "b", "c", "d"].map((letter, i) => lotOf(letter.repeat(i < 2 ? 600 : 15_000)));
  await running;
  assert.deepEqual(
    await Promise.all(lots),
    [3, 3, 3, 1].map((trials) => `in a lot of ${trials}`),
  );
});

test("a large trial at work is given up, too", async () => {
  const stop = new AbortController();
  const given = engine.predict([large("wait 60000")], { signal: stop.signal });
  const next = engine.predict([large("next")]);
  stop.abort(new Error("gone"));
  await assert.rejects(given, /gone/);
  assert.equal((await next)[0]!.reading.tokens, 5000);
});

test("long work that could not be answered in time is refused at once, and taken where it is alone", async () => {
  const predict = (tokens: number, how = {}) => engine.predict([large("wait 50", tokens)], how);
  const own = [predict(0.6 * MOST_TOKENS), predict(0.4 * MOST_TOKENS)];
  await assert.rejects(predict(5000), TooMany);
  await assert.rejects(engine.explain(trial("small ".repeat(100))), TooMany);
  await lotOf("tiny");
  await Promise.all(own);
  const half = predict(0.4 * MOST_TOKENS, { bulk: true });
  await assert.rejects(predict(0.2 * MOST_TOKENS, { bulk: true }), TooMany);
  await Promise.all([half, predict(0.2 * MOST_TOKENS)]);
  await predict(2 * MOST_TOKENS);
  // What is given up gives its room back.
  const stop = new AbortController();
  const given = predict(MOST_TOKENS, { signal: stop.signal });
  stop.abort(new Error("gone"));
  await assert.rejects(given, /gone/);
  await Promise.all([predict(0.5 * MOST_TOKENS), predict(0.5 * MOST_TOKENS)]);
});

test("what finds no place is refused; many leave room for those that come alone", async () => {
  const running = lotOf("wait 50");
  const many = engine.predict(Array(MOST_WAITING.predict).fill(trial("a")));
  await assert.rejects(lotOf("one too many"), TooMany);
  await Promise.all([running, many]);
  const other = lotOf("wait 50");
  const half = engine.predict(Array(MOST_WAITING.predict / 2).fill(trial("a")), { bulk: true });
  await assert.rejects(lotOf("one of many", { bulk: true }), TooMany);
  await Promise.all([other, half, lotOf("alone")]);
});

test("a trial that fails does not fail those that came with it", async () => {
  const running = lotOf("wait 50");
  const [good, bad] = [lotOf("good"), lotOf("fail")];
  await assert.rejects(bad, /a fault that quotes/);
  assert.equal(await good, "in a lot of 1");
  await running;
});

test("a thread that ends is named to those who waited for it, and replaced", async () => {
  const explained = engine.explain(trial("wait 60000"));
  for (const one of [engine.predict([trial("end")]), explained])
    await assert.rejects(one, (error) => {
      assert.ok(error instanceof EngineLost);
      assert.match(error.message, /^engine thread 1 ended while it computed this \(exit code 7\)/);
      return true;
    });
  assert.equal(engine.state.status, "loading");
  assert.equal(await lotOf("after"), "in a lot of 1");
  assert.equal(engine.state.status, "ready");
});

test("a model that cannot be loaded is told", async () => {
  const failing = fakeEngine("absent");
  await assert.rejects(failing.ready(), { name: "InputError", message: /there is no model/ });
  assert.deepEqual(failing.state, { status: "failed", detail: "there is no model" });
  await failing.release();
});

test("two threads share what comes; what still waits at the end is refused", async () => {
  const two = fakeEngine("present", 2);
  await two.ready();
  while (two.readyThreads < 2) await sleep(5);
  const both = [two.predict([trial("wait 50")]), two.predict([trial("wait 50")])];
  assert.deepEqual(two.waiting, { predictions: 0, explanations: 0 });
  const third = two.predict([trial("late")]);
  third.catch(() => {});
  await Promise.all(both);
  await third;
  const running = two.predict(Array(40).fill(trial("wait 20")));
  running.catch(() => {});
  await two.release();
  await assert.rejects(running, /the service is stopping/);
});
