import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../base/error.js";
import type { DraftInput } from "../trial/draft.js";
import { PHASES } from "../trial/index.js";
import type { History, Kept, Search } from "./history.js";
import { openHistory } from "./open.js";
import { kept, MODEL, onBoth, servesTests } from "./test-support.js";
import { fold } from "./text.js";

servesTests();

async function titles(history: History, search: Search): Promise<(string | null)[]> {
  return (await history.search(search)).rows.map(({ title }) => title);
}

onBoth("text is found wherever it stands, as it is written", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const add = (title: string, draft: Partial<DraftInput> = {}) =>
    history.add(kept({ title, ...draft }));
  await add("a", { nctId: "NCT01234567" });
  await add("b", { conditions: ["Sjögren's Syndrome", "ΟΔΥΣΣΕΥΣ"] });
  await add("c", {
    interventions: [{ name: "Acetylsalicylic acid", otherNames: ["Aspirin 50%"] }],
  });
  await add("d", { eligibilityCriteria: 'Inclusion:\n  - HbA1c > 6.5%\n  - no "_" or !\\ sign' });
  const found: [text: string, titles: string][] = [
    ["nct01234567", "a"],
    ["SJÖGREN", "b"],
    ["οδυσσεύς", ""], // another letter
    ["οδυσς", "b"],
    ["aspirin 50%", "c"],
    ["50%", "c"],
    ["%", "dc"],
    ["6_5", ""],
    ["_", "d"],
    ["!", "d"],
    ["\\ s", "d"],
    ['"_" OR', "d"],
    ["inclusion: -  hba1c", "d"], // white space is white space
    ["aspirin inclusion", ""], // parts stay apart
    ["acid aspirin", ""],
    ["' or '1'='1", ""],
    ["  ", "dcba"],
    ["colchicine", "dcba"], // the molecule that the model saw
    ["nothing", ""],
  ];
  for (const [text, expected] of found)
    assert.equal((await titles(history, { text })).join(""), expected, text);
  await history.close();
});

onBoth("what is no search is refused by its field", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const wrong: [Search, RegExp][] = [
    [{ cursor: "1; drop table cladmop_texts" }, /^field "cursor": /],
    [{ cursor: "-1" }, /^field "cursor": /],
    [{ since: "yesterday" }, /^field "since": .*2025-01-31T/],
    [{ text: "x".repeat(1001) }, /^field "text": is too long/],
  ];
  for (const [search, message] of wrong)
    await assert.rejects(history.search(search), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  assert.deepEqual(await history.search({ cursor: "0", text: "x".repeat(1000) }), {
    rows: [],
    next: null,
  });
  await history.close();
});

onBoth("pages hold every row once while rows are added and removed", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const receipts = await history.addMany(
    Array.from({ length: 25 }, (_, i) => kept({ title: `${i}` })),
  );
  const seen: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const { rows, next } = await history.search({ text: "gout", limit: 4, cursor });
    seen.push(...rows.map(({ title }) => title));
    await history.add(kept({ title: "later" }));
    if (seen.length === 8) await history.remove(receipts[17]!.id); // the last that was seen
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => `${24 - i}`),
  );
  await history.close();
});

// A model of the search, in memory: the same rows in the same order, on either database.

interface Row {
  readonly kept: Kept;
  readonly id: string;
  readonly createdAt: string;
  label: 0 | 1 | null;
}

function expected(rows: readonly Row[], search: Search): string[] {
  const folded = fold(search.text ?? "").trim();
  const fits = ({ kept: { draft, prediction, model }, label, createdAt }: Row) => {
    const texts = [
      draft.title ?? "",
      draft.nctId ?? "",
      ...draft.conditions,
      ...draft.interventions.flatMap(({ name, otherNames }) => [name, ...otherNames]),
      ...prediction.molecules.map(({ name }) => name),
      draft.eligibilityCriteria,
    ];
    return (
      texts.some((text) => fold(text).includes(folded)) &&
      (search.phase === undefined || draft.phase === search.phase) &&
      (search.labelled === undefined || (label !== null) === search.labelled) &&
      (search.label === undefined || label === search.label) &&
      (search.since === undefined || createdAt >= search.since) &&
      (search.model === undefined || model.sha256 === search.model)
    );
  };
  return rows
    .filter(fits)
    .map(({ id }) => id)
    .reverse();
}

// Few letters, so that what is looked for is often there, with those that LIKE, FTS5 and folding treat apart.
const letter = fc.constantFrom(..."aaabbAB%_!\"'\\ \n\0-.éÉßıΣςİﬁ😀", "\ud800", "e\u0301");
const words = (minLength: number, maxLength: number) =>
  fc.string({ unit: letter, minLength, maxLength });
const word = words(1, 8).filter((text) => text.trim() !== "");
const phase = fc.constantFrom(...PHASES.slice(0, 3));
const model = fc.constantFrom(MODEL, { name: "other", sha256: "b".repeat(64) });
const row = fc.record({
  draft: fc.record({
    title: words(0, 6),
    phase,
    conditions: fc.array(word, { maxLength: 2 }),
    interventions: fc.array(
      fc.record({ name: word, otherNames: fc.array(word, { maxLength: 1 }) }),
      {
        maxLength: 2,
      },
    ),
    eligibilityCriteria: words(1, 40).filter((text) => text.trim() !== ""),
  }),
  model,
  label: fc.constantFrom(null, null, 0 as const, 1 as const),
});
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const search = fc.record({
  text: optional(words(0, 6)),
  phase: optional(phase),
  labelled: optional(fc.boolean()),
  label: optional(fc.constantFrom(0 as const, 1 as const)),
  model: optional(model.map(({ sha256 }) => sha256)),
  limit: fc.integer({ min: 1, max: 4 }),
});

onBoth("property: a search finds what a search in memory finds", async ({ newUrl }) => {
  const history = await openHistory(await newUrl());
  const rows: Row[] = [];
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 3 }),
      fc.array(search, { minLength: 5, maxLength: 5 }),
      fc.boolean(),
      async (made, searches, isRemoving) => {
        for (const { draft, model, label } of made) {
          const one = kept(draft, { model, molecules: [] });
          const receipt = await history.add(one);
          if (label !== null) await history.setLabel(receipt.id, { label });
          rows.push({ kept: one, label, ...receipt });
        }
        if (isRemoving && rows.length > 1) {
          const [{ id }] = rows.splice(Math.floor(rows.length / 2), 1) as [Row];
          assert.ok(await history.remove(id));
        }
        for (const one of searches) {
          const since =
            rows.length % 2 === 0 ? rows[Math.floor(rows.length / 3)]?.createdAt : undefined;
          const ids: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await history.search({ ...one, since, cursor });
            assert.ok(page.rows.length <= one.limit);
            ids.push(...page.rows.map(({ id }) => id));
            cursor = page.next ?? undefined;
          } while (cursor !== undefined);
          assert.deepEqual(ids, expected(rows, { ...one, since }));
        }
      },
    ),
    { numRuns: 60, endOnFailure: true, seed: 5 },
  );
  await history.close();
});
