import assert from "node:assert/strict";
import { test } from "node:test";
import { retry, Transient } from "./retry.js";

const OPTIONS = { attempts: 4, firstWait: 1, longestWait: 50 };

/** An action that throws the given errors, one a call, then says how often it was called. */
function failing(...errors: Error[]) {
  let calls = 0;
  return async () => {
    calls++;
    const error = errors.shift();
    if (error) throw error;
    return calls;
  };
}

test("a passing failure is tried again, but no oftener than allowed", async () => {
  const passing = () => new Transient("busy");
  assert.equal(await retry(failing(passing(), passing(), passing()), OPTIONS), 4);
  const action = failing(...Array.from({ length: 4 }, passing));
  await assert.rejects(retry(action, OPTIONS), /busy/);
  assert.equal(await action(), 5); // the fifth call is ours
});

test("any other failure is final", async () => {
  const action = failing(new Error("wrong"));
  await assert.rejects(retry(action, OPTIONS), /wrong/);
  assert.equal(await action(), 2);
});

test("waits double, unless the other side says how long", async () => {
  const waits: number[] = [];
  const action = failing(new Transient("busy"), new Transient("busy"), new Transient("busy", 600));
  let before = -1;
  let steps = 0;
  await retry(
    async () => {
      if (before >= 0) waits.push(steps - before);
      before = steps;
      return action();
    },
    {
      attempts: 4,
      firstWait: 200,
      longestWait: 1000,
      check: () => {
        steps++;
      },
    },
  );
  assert.deepEqual(waits, [1, 2, 3]); // steps of 200 ms
});

test("who asks for too long a wait is given up, and what the check throws ends the waiting", async () => {
  await assert.rejects(retry(failing(new Transient("closed", 51)), OPTIONS), /closed/);
  const check = () => {
    throw new Error("stopped");
  };
  const action = failing(new Transient("busy"));
  await assert.rejects(retry(action, { ...OPTIONS, check }), /stopped/);
  assert.equal(await action(), 2);
});

test("a failure that got further than those before it does not count", async () => {
  const passing = () => new Transient("busy");
  const gains = [true, true, false, true, false, false];
  const action = failing(...gains.map(passing));
  assert.equal(await retry(action, { ...OPTIONS, gained: () => gains.shift()! }), 7);
  const idle = failing(...Array.from({ length: 4 }, passing));
  const first = [true];
  await assert.rejects(retry(idle, { ...OPTIONS, gained: () => first.pop() ?? false }), /busy/);
  assert.equal(await idle(), 5); // after one that counts as the first, three more
});
