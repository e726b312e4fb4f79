import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attribution, Prediction } from "../serving/index.js";
import { predictionTable } from "./prediction-table.js";

test("a table fits the terminal and shows reasons and what is missing", () => {
  const molecules: Prediction["molecules"] = [];
  const prediction: Prediction = {
    nctId: "NCT99000001",
    phase: "1/2",
    probability: 0.615,
    interval: [0.4, 0.8049],
    baseRate: null,
    molecules,
    missing: ['drug "abc-123" is not in the vocabulary'],
    reading: {
      molecules,
      unresolvedDrugs: ["abc-123"],
      ignoredInterventions: [],
      diseases: [],
      unresolvedConditions: [],
      inclusion: [],
      exclusion: [],
      tokens: 9,
    },
    usedIn: null,
  };
  const attributions: Attribution[] = [
    { kind: "exclusion", text: "Pregnancy", effect: -0.1 },
    { kind: "inclusion", text: "Adults", effect: 0.2 },
    { kind: "drug", text: "colchicine", effect: -1.96 },
    { kind: "disease", text: "Gout\nPodagra", effect: 0.31 },
    { kind: "disease", text: "Asthma", effect: 0 },
    { kind: "inclusion", text: "Adults with gout\nwho have had an attack", effect: 3.14 },
  ];
  const table = predictionTable([{ prediction, attributions }], { width: 90, colour: false });
  assert.deepEqual(table.split("\n"), [
    "┌─────────────┬───────┬────────────┬───────────────┬─────────────────────────────────────┐",
    "│ trial       │ phase │ P(success) │ 90 % interval │ strongest reasons (percentage       │",
    "│             │       │            │               │ points)                             │",
    "├─────────────┼───────┼────────────┼───────────────┼─────────────────────────────────────┤",
    "│ NCT99000001 │ 1/2   │ 62 %       │ 40 – 80 %     │ +3.1 Adults with gout; who have had │",
    "│             │       │            │               │ an attack                           │",
    "│             │       │            │               │ −2.0 drug: colchicine               │",
    "│             │       │            │               │ +0.3 disease: Gout; Podagra         │",
    '│             │       │            │               │ drug "abc-123" is not in the        │',
    "│             │       │            │               │ vocabulary                          │",
    "└─────────────┴───────┴────────────┴───────────────┴─────────────────────────────────────┘",
  ]);
});
