import assert from "node:assert/strict";
import { test } from "node:test";
import { fitLogisticRegression, probabilitiesOf } from "./logistic-regression.js";
import type { SparseRows } from "./sparse.js";
import { applyTfIdf, fitTfIdf, type TfIdfOptions } from "./tfidf.js";

// Expected values: scikit-learn 1.2.1, TfidfVectorizer and LogisticRegression(C=2, solver="newton-cg",
// tol=1e-12) on these texts.
const texts = [
  "Age over 18 years, adult patients",
  "Adult patients with type 2 diabetes; HbA1c over 7",
  "No prior diabetes therapy",
  "Pregnant or breast-feeding women",
  "Écoulement: patients âgés de 18 ans",
  "prior prior therapy 18",
];
const labels = [1, 0, 1, 0, 1, 1];
const words: TfIdfOptions = { analyzer: "word", ngrams: [1, 2], minTexts: 2, sublinear: true };
const plain: TfIdfOptions = { analyzer: "word", ngrams: [1, 1], minTexts: 1, sublinear: false };
const characters: TfIdfOptions = {
  analyzer: "char_wb",
  ngrams: [3, 5],
  minTexts: 3,
  sublinear: true,
};

const close = (actual: Iterable<number>, expected: readonly number[], tolerance: number) => {
  const found = [...actual];
  assert.equal(found.length, expected.length);
  found.forEach((x, i) => {
    assert.ok(Math.abs(x - expected[i]!) <= tolerance, `${i}: ${x} is not ${expected[i]}`);
  });
};

test("words and pairs of words: scikit-learn's terms, values and coefficients", () => {
  const model = fitTfIdf(texts, words);
  assert.equal(
    [...model.columns.keys()].join("|"),
    "18|adult|adult patients|diabetes|over|patients|prior|therapy",
  );
  const seen = applyTfIdf(model, ["adult women over 18 prior prior", "nothing known here"]);
  assert.deepEqual([...seen.starts], [0, 4, 4]);
  assert.deepEqual([...seen.indices], [0, 1, 4, 6]);
  close(
    seen.values,
    [0.35742227380855307, 0.4233513194524088, 0.4233513194524088, 0.7167960929171787],
    1e-14,
  );
  const fitted = fitLogisticRegression(applyTfIdf(model, texts), labels, 2);
  close([fitted.intercept], [0.31590758314943085], 1e-7);
  close(
    fitted.weights,
    [
      0.8156044670782482, -0.14234522094799806, -0.14234522094799806, -0.15886506724280713,
      -0.14234522094799806, 0.24258887526409995, 0.6486325794068469, 0.5198472700617781,
    ],
    1e-7,
  );
});

test("plain counts and letters beyond ASCII", () => {
  const model = fitTfIdf(texts, plain);
  assert.equal(
    [...model.columns.keys()].join("|"),
    "18|adult|age|ans|breast|de|diabetes|feeding|hba1c|no|or|over|patients|pregnant|prior|therapy|type|with|women|years|âgés|écoulement",
  );
  const fitted = fitLogisticRegression(applyTfIdf(model, texts), labels, 2);
  close([fitted.intercept], [0.6482249648032548], 1e-7);
  close(
    fitted.weights.slice(0, 5),
    [
      0.46592941545259353, -0.12942400705462737, 0.2651578827005178, 0.21065310471853002,
      -0.394934150736506,
    ],
    1e-7,
  );
});

test("characters within words", () => {
  const model = fitTfIdf(texts, characters);
  assert.equal(
    [...model.columns.keys()].join("|"),
    " 18| 18 | pa| pat| pati| pr|18 |ati|atie|atien|ent|ents|ents |ien|ient|ients|nts|nts |or |pat|pati|patie|tie|tien|tient|ts ",
  );
  const seen = applyTfIdf(model, ["prior prior therapy 18"]);
  assert.deepEqual([...seen.indices], [0, 1, 5, 6, 18]);
  close(
    seen.values,
    [
      0.3383809989908826, 0.3383809989908826, 0.5729288343964706, 0.3383809989908826,
      0.5729288343964706,
    ],
    1e-14,
  );
  const fitted = fitLogisticRegression(applyTfIdf(model, texts), labels, 2);
  close([fitted.intercept], [0.6249680427409449], 1e-7);
});

test("a word shorter than the n-gram counts once, and a character beyond U+FFFF is one", () => {
  const terms = (text: string, ngrams: readonly [number, number]) => [
    ...fitTfIdf([text], { ...characters, ngrams, minTexts: 1 }).columns.keys(),
  ];
  assert.deepEqual(terms("a bc", [3, 5]), [" a ", " bc", " bc ", "bc "]);
  assert.deepEqual(terms("a bc", [4, 5]), [" a ", " bc "]);
  assert.deepEqual(terms("𝜶b", [3, 3]), [" 𝜶b", "𝜶b "]);
});

test("a text collection without terms is refused", () => {
  assert.throws(() => fitTfIdf(["a", "b"], words), /no term occurs in 2 or more of 2 texts/);
});

test("heavy weights on separable rows still converge: the gradient is zero", () => {
  const x: SparseRows = {
    rows: 4,
    columns: 2,
    starts: Uint32Array.of(0, 1, 2, 3, 5),
    indices: Uint32Array.of(0, 0, 1, 0, 1),
    values: Float64Array.of(30, 20, 25, -10, 40),
  };
  const y = [1, 1, 0, 0];
  const c = 1e4;
  const fitted = fitLogisticRegression(x, y, c);
  const errors = probabilitiesOf(fitted, x).map((p, i) => p - y[i]!);
  const gradient = [
    fitted.weights[0]! + c * (30 * errors[0]! + 20 * errors[1]! - 10 * errors[3]!),
    fitted.weights[1]! + c * (25 * errors[2]! + 40 * errors[3]!),
    c * (errors[0]! + errors[1]! + errors[2]! + errors[3]!),
  ];
  close(gradient, [0, 0, 0], 1e-3);
});
