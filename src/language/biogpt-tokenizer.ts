import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseAs } from "../base/json.js";
import { mosesTokens } from "./moses.js";
import { publishedTokenizer } from "./published-tokenizer.js";
import type { TextTokenizer } from "./text-tokenizer.js";

const START = "</s>";
const UNKNOWN = "<unk>";

/**
 * The tokenizer of the published BioGPT (Luo et al. 2022) from its `vocab.json` and `merges.txt`: Moses' words,
 * byte-pair encoding within words, `</s>` before a text. It differs from Python's in two ways: a special
 * token that is written out in a text stays text, and letters are those of a newer Unicode.
 * @throws InputError if a file is damaged, or lacks a special token
 */
export function readBioGptTokenizer(vocabulary: string, mergesFile: string): TextTokenizer {
  const remedy = "Fetch the vocab.json and merges.txt of the model again";
  const place = { file: vocabulary, remedy };
  const vocab = parseAs(z.record(z.string(), z.int()), readText(vocabulary), place);
  for (const token of [START, UNKNOWN])
    if (vocab[token] === undefined) throw new InputError(`has no token ${token}`, place);
  const lines = readText(mergesFile)
    .split("\n")
    .map((line) => line.trim().split(/\s+/).slice(0, 2)); // a count may follow
  const merges = lines.filter(([first]) => first !== "");
  const bad = lines.findIndex(([first, second]) => first !== "" && second === undefined);
  if (bad >= 0)
    throw new InputError("is not a pair of tokens", { file: mergesFile, row: bad + 1, remedy });
  const content = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: { type: "BPE", unk_token: UNKNOWN, end_of_word_suffix: "</w>", vocab, merges },
  };
  const tokenizer = publishedTokenizer(content, place);
  return {
    ...tokenizer,
    start: [vocab[START]!],
    encode: (text) => tokenizer.encode(mosesTokens(text).join(" ")),
  };
}
