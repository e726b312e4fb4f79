import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DISEASE_TOKENS,
  MOLECULE_WIDTH,
  MOLECULES,
  type TrialFeatures,
  tableRows,
} from "./features.js";
import { moleculeFeeds, roomsOf } from "./molecule-inputs.js";
import { PADDING } from "./tokens.js";

const BATCH = 4;
const TABLE = new Map(Array.from({ length: DISEASE_TOKENS }, (_, i) => [`disease ${i}`, i + 1]));

/** A trial whose molecules are vectors of one number each, and whose diseases are the first of the table. */
const trialOf = (molecules: readonly number[], diseases: number): TrialFeatures => ({
  nctId: "NCT00000001",
  phase: "2",
  text: "",
  molecules: [],
  vectors: molecules.map((value) => new Float32Array(MOLECULE_WIDTH).fill(value)),
  diseases: [...[...TABLE.keys()].slice(0, diseases), "unknown"],
  missing: [],
});

/** What each trial reads, found by the way from places to tokens. */
function read(trials: readonly TrialFeatures[]) {
  const feeds = moleculeFeeds(TABLE, trials, BATCH);
  const length = feeds.mask.length / BATCH;
  const room = roomsOf(BATCH).find((one) => one.length === length)!;
  const rows = 2 * BATCH + room.molecules + room.diseases;
  assert.equal(feeds.places.length, rows);
  const nameOf = (token: number) => {
    if (token < BATCH) return `class ${token}`;
    if (token < 2 * BATCH) return `phase ${feeds.phases[token - BATCH]}`;
    const molecule = token - 2 * BATCH;
    if (molecule < room.molecules) return `molecule ${feeds.molecules[molecule * MOLECULE_WIDTH]}`;
    return `disease ${feeds.diseases[molecule - room.molecules]}`;
  };
  const sequences = Array.from({ length: BATCH }, (_, trial) => {
    const tokens: string[] = [];
    for (let at = trial * length; at < (trial + 1) * length; at++) {
      const token = feeds.tokens[at]!;
      assert.equal(feeds.mask[at], token < rows ? 0 : Math.fround(PADDING));
      if (token === rows) continue;
      assert.equal(feeds.places[token], at, "the way back");
      tokens.push(nameOf(token));
    }
    return tokens;
  });
  const used = [...feeds.places].filter((at) => at < BATCH * length).length;
  assert.equal(used, sequences.flat().length, "a token is in one place, or nowhere");
  return { room, sequences };
}

test("each trial reads class, phase, its molecules and its diseases; a row without a trial its class alone", () => {
  const { room, sequences } = read([trialOf([7, 8], 1), trialOf([], 0), trialOf([9], 3)]);
  assert.deepEqual(room, roomsOf(BATCH)[0]);
  assert.deepEqual(sequences, [
    ["class 0", "phase 3", "molecule 7", "molecule 8", "disease 1"],
    ["class 1", "phase 3"],
    ["class 2", "phase 3", "molecule 9", "disease 1", "disease 2", "disease 3"],
    ["class 3"],
  ]);
});

test("whatever trials may hold has a room", () => {
  const large = trialOf(
    Array.from({ length: MOLECULES }, (_, i) => i),
    DISEASE_TOKENS,
  );
  assert.equal(tableRows(TABLE, large).length, DISEASE_TOKENS);
  const { room, sequences } = read([large, large, trialOf([1], 1), large]);
  assert.deepEqual(room, roomsOf(BATCH).at(-1));
  assert.deepEqual(
    sequences.map(({ length }) => length),
    [50, 50, 4, 50],
  );
  for (const batch of [1, 8, 64]) {
    for (const size of ["molecules", "diseases", "length"] as const) {
      const sizes = roomsOf(batch).map((room) => room[size]);
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => a - b),
      );
    }
  }
});
