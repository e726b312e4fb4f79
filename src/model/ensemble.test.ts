import assert from "node:assert/strict";
import { test } from "node:test";
import type { TensorData } from "../base/safetensors.js";
import { cpu, floats, Graph } from "../graph/index.js";
import { createEnsemble } from "./ensemble.js";
import { createGrouper } from "./grouper.js";
import { createMatcher } from "./matcher.js";
import { compileRooms } from "./molecule-inputs.js";
import { buildPrediction, isFineTuned, rowFeeds } from "./prediction.js";
import { DEPTH, drawn, madeUpBatch, TABLE, TINY, worst } from "./test-support.js";

const MEMBERS = 3;
const BATCH = 5;

/** A run of the prediction as fine-tuning builds it, low-rank updates apart; all parameters drawn for a seed. */
function fineTuned(seed: number) {
  const { session, parameters } = compileRooms(BATCH, cpu(1), (room) => {
    const graph = new Graph();
    const { parameters, logits } = buildPrediction(graph, TINY, TABLE, BATCH, room, false);
    graph.output("logits", logits);
    return { graph, parameters };
  });
  const values = drawn(parameters, seed);
  const tensors = new Map<string, TensorData>(
    [...parameters.tensors].map(([name, { shape }]) => [name, { shape, data: values[name]! }]),
  );
  return { session, tensors };
}

for (const adapt of ["lora", "full"] as const)
  test(`base and members say in one graph what each says by itself (${adapt})`, async () => {
    const { session, tensors: base } = fineTuned(0);
    const members = Array.from({ length: MEMBERS }, (_, i) => fineTuned(i + 1).tensors);
    const learned = members.map(
      (own) => new Map([...own].filter(([name]) => isFineTuned(name, adapt))),
    );
    const parameters = new Map(base);
    for (const [name, value] of learned.flatMap((own, i) =>
      [...own].map(([name, value]) => [`member-${i}/${name}`, value] as const),
    ))
      parameters.set(name, value);
    for (const name of base.keys()) if (name.includes(".lora.")) parameters.delete(name);
    const settings = { seed: 1, processor: cpu(1), batch: BATCH };
    const grouper = await createGrouper(TINY, new Map(), { ...settings, depth: DEPTH });
    const trials = madeUpBatch(BATCH, "ensemble");
    const grouped = await grouper.group(trials.map(({ states }) => states));
    const rows = trials.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
    const ensemble = createEnsemble(TINY, TABLE, parameters, MEMBERS, cpu(1));
    const opinions = await ensemble.judge(rows);

    const matcher = await createMatcher(TINY, TABLE, base, settings);
    for (const [i, { score, criteria, molecules }] of (await matcher.match(rows)).entries()) {
      const { match } = opinions[i]!;
      assert.ok(Math.abs(match.score - score) < 1e-5);
      assert.ok(worst(match.criteria, criteria) < 1e-5);
      assert.ok(worst(match.molecules, molecules) < 1e-5);
    }
    const shallow = [0.3, -1, 2, 0, 0.5];
    for (const [member, own] of learned.entries()) {
      // What full fine-tuning does not learn are the low-rank updates, which stay at zero.
      const values = [...base].map(([name, { data }]): [string, Float32Array] => [
        name,
        own.get(name)?.data ?? (name.includes(".lora.") ? data.map(() => 0) : data),
      ]);
      const feeds = rowFeeds(TINY, TABLE, rows, shallow, BATCH);
      const { logits } = await session.run({ ...Object.fromEntries(values), ...feeds });
      const actual = opinions.map(
        ({ heads }, i) => heads[member]! + ensemble.trust[member]! * shallow[i]!,
      );
      assert.ok(worst(floats(logits), actual) < 1e-4, `member ${member}`);
    }
    for (const count of [1, 2, 3]) {
      const some = await ensemble.judge(rows.slice(1, 1 + count));
      assert.equal(some.length, count);
      for (const [i, { heads }] of some.entries())
        assert.ok(worst(heads, opinions[1 + i]!.heads) < 1e-4, `${i} of ${count}`);
    }
    for (const one of [grouper, matcher, ensemble, session]) await one.release();
  });

test("a parameter that is missing is named", async () => {
  const ensemble = createEnsemble(TINY, TABLE, new Map(), 1, cpu(1));
  const [{ features }] = madeUpBatch(1, "ensemble") as [ReturnType<typeof madeUpBatch>[number]];
  const grouped = TINY.levels.map(() => new Float32Array(TINY.centroids.at(-1)! * TINY.width));
  await assert.rejects(ensemble.judge([{ features, grouped }]), /parameter "[\w.]+" is missing/);
});
