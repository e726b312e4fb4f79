import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readTokenizer } from "../language/text-tokenizer.js";
import { SHIPPED_MODEL } from "../serving/index.js";
import { readTrials } from "../trial/index.js";
import { tokensOf } from "./reading.js";

test("tokens are estimated near what the shipped encoder makes of a text", () => {
  const tokenizer = readTokenizer(join(SHIPPED_MODEL, "encoder"), "biogpt");
  const examples = fileURLToPath(new URL("../../examples/trials.json", import.meta.url));
  const texts = [
    ...readTrials(examples).records.map(({ trial }) => trial.eligibilityCriteria),
    "Erwachsene Patientinnen und Patienten mit Bluthochdruck, die schriftlich eingewilligt haben",
    "\u5e74\u9f84\u5927\u4e8e\u5341\u516b\u5c81\u7684\u60a3\u8005", // Chinese
    "\u0412\u0437\u0440\u043e\u0441\u043b\u044b\u0435 \u043f\u0430\u0446\u0438\u0435\u043d\u0442\u044b", // Russian
    "1.1. 2.5 \u2265 3.0 (10^9/L); ".repeat(50),
  ];
  for (const text of texts) {
    const share = tokensOf(text) / tokenizer.encode(text).length;
    assert.ok(0.4 < share && share < 1.6, `${share} of ${text.slice(0, 40)}`);
  }
});
