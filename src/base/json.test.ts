import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { parseAs, tryParseJson } from "./json.js";

test("malformed JSON has no value", () => {
  assert.deepEqual(tryParseJson('{"a": [1]}'), { a: [1] });
  assert.equal(tryParseJson('{"a": [1'), undefined);
});

test("what does not fit a schema is named with its place", () => {
  const Pair = z.object({ names: z.array(z.string()) });
  const place = { file: "pairs.ndjson", row: 3, remedy: "Mend it" };
  const read = (text: string) => parseAs(Pair, text, place);
  assert.deepEqual(read('{"names": ["a"], "more": 1}'), { names: ["a"] });
  for (const [text, message] of [
    ['{"names": ["a", 5]}', /^pairs\.ndjson, row 3, field "names\.1": invalid .*\. Mend it$/],
    ["5", /^pairs\.ndjson, row 3: invalid input/],
    ["{", /^pairs\.ndjson, row 3: is malformed JSON: .*\. Mend it$/],
  ] as const)
    assert.throws(() => read(text), { name: "InputError", message });
});
