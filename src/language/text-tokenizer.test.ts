import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { trainBpe } from "./bpe.js";
import { mosesTokens } from "./moses.js";
import { readTokenizer, tokenizerFiles } from "./text-tokenizer.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-tokenizer-"));
after(() => rmSync(root, { recursive: true }));
const folder = join(root, "model");
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});
const write = (name: string, content: unknown) =>
  writeFileSync(
    join(folder, name),
    typeof content === "string" ? content : JSON.stringify(content),
  );

const PIECES = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  "age",
  "##d",
  "≥",
  "18",
  "年",
  "Aged",
  "é",
  "e",
];

test("BERT's vocab.txt: word pieces between [CLS] and [SEP]", () => {
  write("vocab.txt", `${PIECES.join("\r\n")}\r\n`);
  assert.deepEqual(tokenizerFiles(folder), ["vocab.txt"]);
  const tokenizer = readTokenizer(folder, "bert");
  const { start, end, vocabularySize } = tokenizer;
  assert.deepEqual({ start, end, vocabularySize }, { start: [2], end: [3], vocabularySize: 12 });
  const encode = (text: string) => tokenizer.encode(text).map((id) => PIECES[id]);
  assert.deepEqual(encode("Aged ≥ 18\n18年é x"), [
    "age",
    "##d",
    "≥",
    "18",
    "18",
    "年",
    "e",
    "[UNK]",
  ]);
  assert.deepEqual(encode(""), []);
  write("tokenizer_config.json", { do_lower_case: false });
  assert.deepEqual(tokenizerFiles(folder), ["vocab.txt", "tokenizer_config.json"]);
  const cased = readTokenizer(folder, "bert");
  assert.deepEqual(
    cased.encode("Aged é").map((id) => PIECES[id]),
    ["Aged", "é"],
  );
});

test("a tokenizer.json says what stands around a text", () => {
  const json = trainBpe(["aged 18"], { vocabularySize: 270 });
  const added = { ...json.added_tokens[0], id: 300, content: "<|begin|>" };
  const template = {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "<|begin|>", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
    ],
  };
  const content = { ...json, added_tokens: [added], post_processor: template };
  write("tokenizer.json", content);
  const { start, end, vocabularySize, encode } = readTokenizer(folder, "llama");
  assert.deepEqual({ start, end, vocabularySize }, { start: [300], end: [], vocabularySize: 301 });
  assert.deepEqual(
    encode("aged<|begin|>").map((id) => id),
    [...[..."aged"].map((letter) => json.model.vocab[letter]!), 300],
  );
});

test("a tokenizer.json with Unigram pieces is read", () => {
  const space = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  const vocab = [
    ["<unk>", 0],
    ["▁a", -1],
    ["ge", -2],
    ["▁age", -2.5],
    ["d", -3],
    ["g", -9],
    ["e", -9],
  ];
  write("tokenizer.json", {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: space,
    post_processor: null,
    decoder: space,
    model: { type: "Unigram", unk_id: 0, vocab },
  });
  const tokenizer = readTokenizer(folder, "llama");
  assert.equal(tokenizer.vocabularySize, 7);
  assert.deepEqual(tokenizer.encode("aged age"), [3, 4, 3]);
});

test("BioGPT's vocab.json and merges.txt: Moses' words, merged letters, </s> first", () => {
  const tokens = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "a",
    "ge",
    "age",
    "d</w>",
    "aged</w>",
    ".</w>",
    "@-@</w>",
  ];
  write("vocab.json", Object.fromEntries(tokens.map((token, id) => [token, id])));
  write("merges.txt", "g e 12\na ge 9\nage d</w> 3\n- @</w> 2\n@ -@</w> 1\n");
  assert.deepEqual(tokenizerFiles(folder), ["vocab.json", "merges.txt"]);
  const tokenizer = readTokenizer(folder, "biogpt");
  const { start, end, vocabularySize } = tokenizer;
  assert.deepEqual({ start, end, vocabularySize }, { start: [2], end: [], vocabularySize: 11 });
  const encode = (text: string) => tokenizer.encode(text).map((id) => tokens[id]);
  assert.deepEqual(encode("aged-aged."), ["aged</w>", "@-@</w>", "aged</w>", ".</w>"]);
  assert.deepEqual(encode("agex"), ["age", "<unk>"]);
  assert.deepEqual(encode(" \n"), []);
});

// By hand after tokenizer.perl; sacremoses' rules, run on other texts, gave the same.
test("Moses' words", () => {
  const cases: [string, string][] = [
    [
      "Age ≥18 years; non-small-cell, 1,000 mg.",
      "Age ≥ 18 years ; non @-@ small @-@ cell , 1,000 mg .",
    ],
    ["Dr. Li (e.g. at 5 p.m. daily) [x]", "Dr. Li ( e.g. at 5 p.m. daily ) &#91; x &#93;"],
    ["Item No. 5. Is it No. Yes.", "Item No. 5 . Is it No . Yes ."],
    [
      "patient's don't 5's 'quoted'.",
      "patient &apos;s don &apos;t 5 &apos;s &apos; quoted &apos; .",
    ],
    ["wait... then..", "wait ... then .."],
    ['<3 & "a|b" 50%', "&lt; 3 &amp; &quot; a &#124; b &quot; 50 %"],
    ["end of it.' ", "end of it . &apos;"],
    ["a\u00a0b\tc\n\u0001d stop. Next stop. next", "a b c d stop . Next stop. next"],
    ["½ µg naïve", "½ µg naïve"],
    ["", ""],
  ];
  for (const [text, expected] of cases) assert.equal(mosesTokens(text).join(" "), expected);
});

test("a tokenizer that is broken or of another kind is refused by its file", () => {
  const json = trainBpe(["aged 18"], { vocabularySize: 270 });
  const refused = (type: string, name: string, problem: RegExp) =>
    assert.throws(
      () => readTokenizer(folder, type),
      (error: { name: string; problem: string; location: { file: string } }) => {
        assert.equal(error.name, "InputError", String(error));
        assert.equal(error.location.file, join(folder, name));
        assert.match(error.problem, problem);
        return true;
      },
    );
  refused("bert", "tokenizer.json", /is missing, and so are vocab.json and vocab.txt/);
  write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n");
  refused("bert", "vocab.txt", /no token \[SEP\]/);
  write("vocab.txt", PIECES.join("\n"));
  write("tokenizer_config.json", { do_lower_case: "yes" });
  refused("bert", "tokenizer_config.json", /expected boolean/);
  write("vocab.json", { "</s>": 2 });
  refused("biogpt", "vocab.json", /no token <unk>/);
  refused("gpt2", "vocab.json", /alone does not say/);
  write("vocab.json", { "</s>": 2, "<unk>": 3 });
  refused("biogpt", "merges.txt", /cannot be read/);
  write("merges.txt", "a b\n\nc\n");
  refused("biogpt", "merges.txt", /not a pair/);
  write("tokenizer.json", "{");
  refused("bert", "tokenizer.json", /malformed JSON/);
  write("tokenizer.json", {});
  refused("bert", "tokenizer.json", /expected object/);
  write("tokenizer.json", { ...json, model: { ...json.model, type: "Other" } });
  refused("bert", "tokenizer.json", /invalid option/);
  write("tokenizer.json", { ...json, pre_tokenizer: { type: "WhitespaceSplit" } });
  refused("biogpt", "tokenizer.json", /is not a byte-level BPE/);
  const single = [{ SpecialToken: { id: "<none>" } }, { Sequence: { id: "A" } }];
  write("tokenizer.json", { ...json, post_processor: { type: "TemplateProcessing", single } });
  refused("llama", "tokenizer.json", /<none>, put around a text, is not in/);
});
