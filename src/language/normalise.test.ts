import assert from "node:assert/strict";
import { test } from "node:test";
import { normaliseCriteria } from "./normalise.js";

const EXPECTED = `Inclusion Criteria:
- Adults with a confirmed diagnosis of the disease under study who can take tablets by mouth and swallow
 - Platelets > 100
Exclusion Criteria:
1. Pregnancy`;

test("the registry's wrapped layouts and API v2's Markdown come out the same", () => {
  const wrapped = `Inclusion Criteria:

  -  Adults with a confirmed diagnosis of the disease under study who can take tablets by
     mouth and swallow

       -  Platelets > 100

Exclusion Criteria:

  1. Pregnancy
`;
  const indented = wrapped.replace(/^(?=.)/gmu, "        ");
  const markdown = `Inclusion Criteria:\r\n\r\n* Adults with a confirmed diagnosis of the disease under study who can take tablets by mouth and swallow

     * Platelets \\> 100

Exclusion Criteria:

1. Pregnancy`;
  for (const layout of [wrapped, indented, indented.trim(), markdown]) {
    assert.equal(normaliseCriteria(layout), EXPECTED);
  }
});

test("short lines stay statements of their own, and long ones are never joined", () => {
  const long = "A statement that nobody wrapped, ".repeat(4).trim();
  assert.equal(
    normaliseCriteria(`Age over 18\nNot  pregnant\n${long}\nEnd`),
    `Age over 18\nNot pregnant\n${long}\nEnd`,
  );
});

test("text without statements is empty", () => {
  assert.equal(normaliseCriteria(" \n\t\n"), "");
});
