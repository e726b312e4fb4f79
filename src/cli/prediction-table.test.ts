import assert from "node:assert/strict";
import { test } from "node:test";
import { predictionTable } from "./prediction-table.js";

test("a table fits the terminal and shows reasons and what is missing", () => {
  const table = predictionTable(
    [
      {
        nctId: "NCT99000001",
        phase: "1/2",
        probability: 0.615,
        interval: [0.4, 0.8049],
        molecules: [],
        missing: ['drug "abc-123" is not in the vocabulary'],
        reasons: [
          { text: "Adults with gout who have had an attack", effect: 3.14 },
          { text: "drug: colchicine", effect: -1.96 },
        ],
      },
    ],
    { width: 90, colour: false },
  );
  assert.deepEqual(table.split("\n"), [
    "┌─────────────┬───────┬────────────┬───────────────┬─────────────────────────────────────┐",
    "│ trial       │ phase │ P(success) │ 90 % interval │ strongest reasons (percentage       │",
    "│             │       │            │               │ points)                             │",
    "├─────────────┼───────┼────────────┼───────────────┼─────────────────────────────────────┤",
    "│ NCT99000001 │ 1/2   │ 62 %       │ 40 – 80 %     │ +3.1 Adults with gout who have had  │",
    "│             │       │            │               │ an attack                           │",
    "│             │       │            │               │ −2.0 drug: colchicine               │",
    '│             │       │            │               │ drug "abc-123" is not in the        │',
    "│             │       │            │               │ vocabulary                          │",
    "└─────────────┴───────┴────────────┴───────────────┴─────────────────────────────────────┘",
  ]);
});
