import assert from "node:assert/strict";
import { test } from "node:test";
import type { TensorData } from "../base/safetensors.js";
import { cpu, Graph } from "../graph/index.js";
import { criteriaSide, moleculeSide, successScores } from "./cladmop.js";
import { tableSizes } from "./features.js";
import { createGrouper, groupFeeds, groupInputs } from "./grouper.js";
import { createMatcher } from "./matcher.js";
import { moleculeFeeds, moleculeInputs, roomsOf } from "./molecule-inputs.js";
import { Parameters } from "./parameters.js";
import { DEPTH, madeUpBatch, madeUpTrial, runner, TABLE, TINY, worst } from "./test-support.js";

const settings = { seed: 1, processor: cpu(1), batch: 8 };
type Base = ReadonlyMap<string, TensorData>;

async function rowsOf(trials: readonly ReturnType<typeof madeUpTrial>[]) {
  const grouper = await createGrouper(TINY, new Map(), { ...settings, depth: DEPTH });
  const grouped = await grouper.group(trials.map(({ states }) => states));
  await grouper.release();
  return trials.map(({ features }, i) => ({ features, grouped: grouped[i]! }));
}
const rows = await rowsOf(madeUpBatch(5, "matcher"));

async function match(base: Base, some = rows) {
  const matcher = await createMatcher(TINY, TABLE, base, settings);
  const matches = await matcher.match(some);
  await matcher.release();
  return matches;
}

/** A base that was trained to rank, and its scores of success, straight from the model. */
async function ranking(): Promise<{ base: Base; success: readonly [Float32Array, Float32Array] }> {
  const batch = rows.length;
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const inputs = moleculeInputs(graph, batch, roomsOf(batch)[0]!);
  const [byCriteria, byMolecules] = successScores(parameters, TINY, [
    criteriaSide(parameters, TINY, groupInputs(graph, TINY, batch)),
    moleculeSide(parameters, TINY, tableSizes(TABLE), inputs),
  ]);
  const run = await runner(graph, { byCriteria, byMolecules });
  const base = parameters.initial(settings.seed);
  const features = rows.map((row) => row.features);
  const scores = await run({
    ...Object.fromEntries([...base].map(([name, { data }]) => [name, data])),
    ...groupFeeds(TINY, rows, batch),
    ...moleculeFeeds(TABLE, features, batch),
  });
  return { base, success: [scores.byCriteria, scores.byMolecules] };
}

test("without ranking the score is the cosine of the pair", async () => {
  for (const { score, success, criteria, molecules } of await match(new Map())) {
    const cosine = criteria.reduce((sum, value, i) => sum + value * molecules[i]!, 0);
    assert.ok(Math.abs(score - cosine) < 1e-6);
    for (const side of [criteria, molecules])
      assert.ok(Math.abs(Math.hypot(...side) - 1) < 1e-5, "on the unit sphere");
    assert.deepEqual([...success], [0, 0]);
  }
});

test("with ranking it is the criteria's score of success plus 0.2 of the molecules'", async () => {
  const { base, success } = await ranking();
  const [criteria, molecules] = success;
  assert.ok(worst(molecules, new Float32Array(rows.length)) > 0.01);
  const plain = await match(new Map());
  for (const [i, one] of (await match(base)).entries()) {
    assert.ok(worst(one.success, [criteria[i]!, molecules[i]!]) < 1e-5);
    assert.ok(Math.abs(one.score - (criteria[i]! + 0.2 * molecules[i]!)) < 1e-5);
    // What ranks changes nothing in what is matched.
    assert.ok(worst(one.criteria, plain[i]!.criteria) < 1e-6);
    assert.ok(worst(one.molecules, plain[i]!.molecules) < 1e-6);
  }
});

test("the base's parameters count, and what it lacks is drawn", async () => {
  const name = "match.criteria.bias";
  const data = new Float32Array(TINY.width).fill(100);
  const matches = await match(new Map([[name, { shape: [TINY.width], data }]]));
  for (const [i, { molecules }] of (await match(new Map())).entries()) {
    const one = matches[i]!;
    assert.ok(worst(one.criteria, new Float32Array(TINY.width).fill(0.25)) < 0.02); // 1 / √16
    assert.deepEqual(one.molecules, molecules);
  }
});

test("a trial's match does not depend on the others, however many there are", async () => {
  const { base } = await ranking();
  const many = await rowsOf(Array.from({ length: 20 }, (_, i) => madeUpTrial(i, "many")));
  const together = await match(base, many);
  assert.equal(together.length, 20);
  for (const i of [0, 7, 8, 19]) {
    const [alone] = await match(base, [many[i]!]);
    assert.ok(Math.abs(alone!.score - together[i]!.score) < 1e-5);
    for (const name of ["criteria", "molecules", "success"] as const)
      assert.ok(worst(alone![name], together[i]![name]) < 1e-5);
  }
  assert.equal(new Set(together.map(({ score }) => score)).size, 20);
});
