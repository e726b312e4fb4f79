import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../base/random.js";
import { Graph } from "../../graph/index.js";
import { Parameters } from "../../model/index.js";
import { drawn, runner, worst } from "../../model/test-support.js";
import { meanOf, modeExpert, select } from "./model.js";
import { SETTINGS } from "./settings.js";

test("tokens are selected from the threshold on; where none reaches it the likeliest is", async () => {
  const graph = new Graph();
  const [p, present] = [graph.input("p", [3, 4]), graph.input("present", [3, 4])];
  const run = await runner(graph, { selected: select(p, present) });
  const { selected } = await run({
    p: Float32Array.of(0.3, 0.29, 0.9, 0.9, 0.1, 0.2, 0.05, 0.25, 0.01, 0.01, 0.6, 0.4),
    present: Float32Array.of(1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0),
  });
  assert.deepEqual([...selected], [1, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0]);
});

test("an expert reads the tokens that its router selects, and no others, in the light of the other mode", async () => {
  const { width } = SETTINGS;
  const [ownCount, otherCount] = [5, 3] as const;
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const tokens = (name: string, count: number) => ({
    states: graph.input(name, [1, count, width]),
    present: graph.input(`${name}.present`, [1, count]),
  });
  const expert = modeExpert(
    parameters,
    "expert",
    tokens("own", ownCount),
    tokens("other", otherCount),
  );
  const run = await runner(graph, { selected: expert.output.present, mean: meanOf(expert.output) });
  // A router that looks at the first number of a token: p = σ(8 · x₀).
  const values = drawn(parameters);
  for (const [name, data] of Object.entries(values)) if (name.includes(".router.")) data.fill(0);
  values["expert.router.shortcut.weight"]![0] = 8;
  const own = new Random("own").normals(ownCount * width, 1);
  [1, -1, 0.5, -0.5, 1].forEach((first, token) => {
    own[token * width] = first;
  });
  const feeds = {
    ...values,
    own,
    "own.present": Float32Array.of(1, 1, 1, 1, 0),
    other: new Random("other").normals(otherCount * width, 1),
    "other.present": Float32Array.of(1, 1, 0),
  };
  const { selected, mean } = await run(feeds);
  assert.deepEqual([...selected], [1, 0, 1, 0, 0]);

  const changed = async (name: "own" | "other", token: number) => {
    const states = feeds[name].slice();
    for (let i = 1; i < width; i++) states[token * width + i]! += 1;
    return worst((await run({ ...feeds, [name]: states })).mean, mean);
  };
  for (const token of [0, 2]) assert.ok((await changed("own", token)) > 1e-3);
  for (const token of [1, 3, 4]) assert.equal(await changed("own", token), 0);
  for (const token of [0, 1]) assert.ok((await changed("other", token)) > 1e-3);
  assert.equal(await changed("other", 2), 0);
});
