import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { InputError } from "../base/error.js";
import { trainBpe } from "./bpe.js";
import { Tokenizer } from "./tokenizer.js";

const TEXTS = [
  "Inclusion Criteria:\n- Age ≥ 18 years\n- Creatinine ≤ 1.5 × ULN (88 µmol/L)",
  "Exclusion Criteria:\n- Pregnant or lactating women\n- Patients' consent wasn't given\n - aaaaaaa aa",
  "- Creatinine clearance less than 60 mL/min; creatinine above 1.5 mg/dL; banana bandana",
];

/** BPE as its definition reads: count all pairs, merge the most frequent, begin again. */
function referenceMerges(texts: readonly string[], vocabularySize: number): string[] {
  const { vocab } = trainBpe([], { vocabularySize: 260 }).model; // the bytes alone
  const alphabet = Object.keys(vocab).sort((a, b) => vocab[a]! - vocab[b]!);
  const ids = new Map(Object.entries(vocab));
  const pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
  const words = texts
    .flatMap((text) => text.match(pattern) ?? [])
    .map((word) => Array.from(Buffer.from(word), (byte) => alphabet[byte + 4]!));
  const merges: string[] = [];
  while (ids.size < vocabularySize) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const order = (pair: string): number[] => pair.split(" ").map((token) => ids.get(token)!);
    const [best] = [...counts].sort(([a, m], [b, n]) => {
      const [p, q] = [order(a), order(b)];
      return n - m || p[0]! - q[0]! || p[1]! - q[1]!;
    });
    if (best === undefined || best[1] < 2) break;
    merges.push(best[0]);
    const [left, right] = best[0].split(" ") as [string, string];
    ids.set(left + right, ids.size);
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        if (word[i - 1] === left && word[i] === right) word.splice(i - 1, 2, left + right);
      }
    }
  }
  return merges;
}

test("the incremental trainer finds the merges of the definition", () => {
  // Words of two letters are full of overlapping pairs, ties and repeated letters.
  const dense = Array.from({ length: 400 }, (_, i) => ((i * 2654435761) >>> 8).toString(2));
  for (const texts of [TEXTS, [dense.join(" ").replaceAll("0", "a").replaceAll("1", "b")]]) {
    const { vocab, merges } = trainBpe(texts, { vocabularySize: 400 }).model;
    assert.ok(merges.length > 30);
    assert.deepEqual(merges, referenceMerges(texts, 400));
    assert.equal(Object.keys(vocab).length, 260 + merges.length);
  }
});

test("a vocabulary without room for the bytes is refused", () => {
  assert.throws(() => trainBpe(TEXTS, { vocabularySize: 259 }), InputError);
});

const NASTY = [
  "",
  " ",
  "\n\n  x\t\r\n",
  "Age ≥ 18, 5 µg vs 5 μg, ½ tablet ±2 °C, naïve, Ⅲ, 肝炎, 🧪👩‍⚕️, é",
  "</s> <pad> <unk><s>",
  "women's, they'll, can't ''s  'S",
  "constructor __proto__ toString",
  "a".repeat(1000),
];

test("encoding is reversible for any Unicode, and gives no special token", () => {
  const tokenizer = new Tokenizer(trainBpe(TEXTS, { vocabularySize: 290 }));
  for (const text of [...NASTY, ...TEXTS]) {
    const ids = tokenizer.encode(text);
    assert.equal(tokenizer.decode(ids), text);
    assert.ok(ids.every((id) => id >= 4 && id < 290));
  }
  assert.deepEqual(tokenizer.encode(""), []);
  assert.equal(
    tokenizer.decode([tokenizer.startId, ...tokenizer.encode("a"), tokenizer.endId]),
    "a",
  );
});

test("encoding word by word equals the library on whole texts", () => {
  const json = trainBpe(TEXTS, { vocabularySize: 290 });
  const [ours, library] = [new Tokenizer(json), new LibraryTokenizer(json, {})];
  for (const text of [...NASTY, ...TEXTS]) {
    if (text.includes("</s>")) continue; // the library makes it a special token, on purpose we do not
    assert.deepEqual(ours.encode(text), library.encode(text).ids);
  }
});

test("a tokenizer file is loaded as written, and a broken one is refused by name", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokenizer.json");
  const json = trainBpe(TEXTS, { vocabularySize: 290 });
  writeFileSync(path, JSON.stringify(json));
  const tokenizer = Tokenizer.fromFile(path);
  assert.equal(tokenizer.vocabularySize, 290);
  assert.deepEqual(tokenizer.encode(TEXTS[0]!), new Tokenizer(json).encode(TEXTS[0]!));

  const vocab = { ...json.model.vocab, "<pad>": 0 };
  const wrong = [
    {},
    { ...json, normalizer: { type: "NFC" } },
    { ...json, model: { ...json.model, vocab } },
  ];
  for (const content of ["{", "null", ...wrong.map((value) => JSON.stringify(value))]) {
    writeFileSync(path, content);
    assert.throws(
      () => Tokenizer.fromFile(path),
      (error) =>
        error instanceof InputError &&
        error.message.includes(path) &&
        error.location.remedy.includes("published BioGPT its vocab.json and merges.txt"),
    );
  }
});
