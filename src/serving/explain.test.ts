import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Random } from "../base/random.js";
import { cpu } from "../graph/index.js";
import { readTrials, splitEligibility, statementsOf, type Trial } from "../trial/index.js";
import { Explanation, Prediction } from "./answer.js";
import { loadPredictor, SHIPPED_MODEL } from "./predictor.js";
import { deleted, strongestPlaces } from "./test-deletion.js";

const trials = readTrials(
  fileURLToPath(new URL("../../examples/trials.json", import.meta.url)),
).records.map(({ trial }) => trial);
const predictor = await loadPredictor(SHIPPED_MODEL, cpu(1));
after(() => predictor.release());
const explanations: Explanation[] = [];
for (const trial of trials) explanations.push(await predictor.explain(trial));

const isStatement = (kind: string) => kind === "inclusion" || kind === "exclusion";
const probabilityOf = async (trial: Trial) => (await predictor.predict([trial]))[0]!.probability;

test("an answer is what the API says; the same, explained or not, alone or among others", async () => {
  const predictions = await predictor.predict(trials);
  for (const [i, one] of predictions.entries()) {
    assert.deepEqual(Prediction.parse(one), one);
    const { prediction } = Explanation.parse(explanations[i]);
    assert.ok(Math.abs(prediction.probability - one.probability) < 1e-4);
    assert.deepEqual(
      { ...prediction, probability: 0, interval: [] },
      { ...one, probability: 0, interval: [] },
    );
    const { inclusion, exclusion } = splitEligibility(trials[i]!.eligibilityCriteria);
    assert.deepEqual([one.reading.inclusion, one.reading.exclusion], [inclusion, exclusion]);
    assert.deepEqual(one.baseRate, predictor.card.baseRates?.[one.phase] ?? null);
    assert.deepEqual(one.usedIn, []);
    assert.ok(one.reading.tokens > 50);
  }
  const known = predictor.seen!.training[0]!;
  const [seen] = await predictor.predict([{ ...trials[0]!, nctId: known }]);
  assert.ok(seen!.usedIn!.includes("training"));
  assert.ok(predictions.some(({ reading }) => reading.diseases.some((one) => one.known)));
});

test("every statement, drug and disease has an attribution, in the trial's order", () => {
  for (const [i, { prediction, attributions }] of explanations.entries()) {
    const { statements } = statementsOf(trials[i]!.eligibilityCriteria);
    const told = attributions.filter(({ kind }) => kind === "disease");
    assert.deepEqual(
      told.flatMap(({ text }) => text.split("\n")).toSorted(),
      trials[i]!.conditions.toSorted(),
    );
    assert.deepEqual(
      attributions.filter(({ kind }) => kind !== "disease").map(({ kind, text }) => [kind, text]),
      [
        ...statements.map(({ part, text }) => [part, text]),
        ...prediction.molecules.map(({ name }) => ["drug", name]),
      ],
    );
  }
});

test("a statement's attribution is what its deletion does, asked about by itself", async () => {
  for (const [i, { prediction, attributions }] of explanations.entries()) {
    const place = new Random("one", i).integer(
      attributions.filter(({ kind }) => isStatement(kind)).length,
    );
    const without = await probabilityOf(deleted(trials[i]!, [place]));
    const effect = 100 * (prediction.probability - without);
    assert.ok(Math.abs(effect - attributions[place]!.effect) < 0.01, `trial ${i}, ${place}`);
  }
});

test("a disease's attribution is what leaving it out does, and what has no code has none", async () => {
  const conditions = ["asthma", "type 2 diabetes", "xyzzy", "E11"];
  const trial = { ...trials[0]!, conditions, icd10: [] };
  const { prediction, attributions } = await predictor.explain(trial);
  const diseases = attributions.filter(({ kind }) => kind === "disease");
  assert.deepEqual(
    diseases.map(({ text }) => text),
    ["asthma", "type 2 diabetes\nE11"],
  );
  for (const [i, left] of [["type 2 diabetes"], ["asthma"]].entries()) {
    const without = await probabilityOf({ ...trial, conditions: left });
    const effect = 100 * (prediction.probability - without);
    assert.ok(Math.abs(effect - diseases[i]!.effect) < 0.01, diseases[i]!.text);
  }
  assert.notEqual(diseases[0]!.effect, diseases[1]!.effect);
});

test("deleting the strongest statements moves the score more than deleting others", async () => {
  const [count, draws] = [3, 4];
  let [strong, chance] = [0, 0];
  for (const [i, { prediction, attributions }] of explanations.entries()) {
    const effects = attributions
      .filter(({ kind }) => isStatement(kind))
      .map(({ effect }) => effect);
    const move = async (places: readonly number[]) =>
      Math.abs((await probabilityOf(deleted(trials[i]!, places))) - prediction.probability);
    strong += await move(strongestPlaces(effects, count));
    const random = new Random("deletion", i);
    for (let draw = 0; draw < draws; draw++)
      chance += (await move([...random.permutation(effects.length).slice(0, count)])) / draws;
  }
  assert.ok(strong > 1.5 * chance, `${strong} by the strongest, ${chance} by chance`);
});

test("of criteria with hundreds of statements neighbours share an attribution", async () => {
  const list = Array.from({ length: 300 }, (_, i) => `* Platelets above ${i}`).join("\n");
  const eligibilityCriteria = `Inclusion Criteria:\n\n${list}`;
  const { prediction, attributions } = await predictor.explain({
    ...trials[0]!,
    eligibilityCriteria,
  });
  const statements = attributions.filter(({ kind }) => isStatement(kind));
  assert.ok(statements.length <= 30, String(statements.length));
  assert.deepEqual(
    statements.flatMap(({ text }) => text.split("\n")),
    prediction.reading.inclusion,
  );
});

test("others come while a large trial is predicted, explained or embedded; the answer is the same, or given up", async () => {
  const list = trials[0]!.eligibilityCriteria.split("\n").slice(1).join("\n");
  const large = { ...trials[0]!, eligibilityCriteria: `Inclusion Criteria:\n${list.repeat(12)}` };
  const [expected] = await predictor.predict([large]);
  assert.ok(expected!.reading.tokens > 2000);
  let small = 0;
  const turn = async () => {
    small += (await predictor.predict([trials[1]!])).length;
  };
  assert.deepEqual(await predictor.predict([large], { turn }), [expected]);
  assert.ok(small >= 3, String(small));
  assert.deepEqual(await predictor.embed([large], { turn }), await predictor.embed([large]));
  for (const work of ["predict", "explain", "embed"] as const) {
    const stop = new AbortController();
    let left = 2;
    const give = async () => {
      if (--left === 0) stop.abort(new Error("gone"));
      assert.ok(left >= 0, "it went on");
    };
    const how = { turn: give, signal: stop.signal };
    const given =
      work === "explain" ? predictor.explain(large, how) : predictor[work]([large], how);
    await assert.rejects(given, /gone/);
  }
});

test("a prediction that is asked for meanwhile comes before the explanation's end", async () => {
  const order: string[] = [];
  const expected = explanations[0]!;
  const explained = predictor.explain(trials[0]!).then((explanation) => {
    order.push("explanation");
    return explanation;
  });
  await new Promise((resolve) => setTimeout(resolve));
  const answers = [1, 2].map((i) =>
    predictor.predict([trials[i]!]).then(([prediction]) => {
      order.push(`prediction ${i}`);
      assert.ok(Math.abs(prediction!.probability - explanations[i]!.prediction.probability) < 1e-4);
    }),
  );
  await Promise.all(answers);
  assert.deepEqual(order, ["prediction 1", "prediction 2"]);
  const { prediction, attributions } = await explained;
  assert.deepEqual(prediction, expected.prediction);
  assert.deepEqual(attributions, expected.attributions);
});
