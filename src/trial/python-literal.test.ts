import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePythonLiteral } from "./python-literal.js";

test("reads what Python's str() prints", () => {
  // The right-hand sides come from ast.literal_eval of CPython 3.
  assert.deepEqual(parsePythonLiteral(`['a', "it's", 'say "x"', 'C\\\\C']`), [
    "a",
    "it's",
    'say "x"',
    "C\\C",
  ]);
  assert.deepEqual(parsePythonLiteral(`["['A00.1', 'B20']", '[]']`), ["['A00.1', 'B20']", "[]"]);
  assert.deepEqual(parsePythonLiteral(" [1, -2.5e3, None, [], ['x',],] "), [
    1,
    -2500,
    null,
    [],
    ["x"],
  ]);
  assert.equal(parsePythonLiteral("'\\xe9\\u03b2\\U0001F48A\\n\\t\\101\\d'"), "éβ💊\n\tA\\d");
});

test("refuses what is not a literal, saying where", () => {
  for (const [text, place] of [
    ["['a', nan]", /at 6, found "nan\]"/],
    ["['a' 'b']", /at 5/],
    ["['a", /closing quote expected at 3, found the end/],
    ["['a']]", /nothing more expected at 5/],
    ["", /found the end/],
    ["['\\xg1']", /2 hexadecimal digits/],
    ["Nonesuch", /found "Nonesuch"/],
  ] as const) {
    assert.throws(() => parsePythonLiteral(text), place, text);
  }
});
