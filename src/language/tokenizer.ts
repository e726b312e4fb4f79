import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { InputError, messageOf } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseJson } from "../base/json.js";
import { SPECIAL_TOKENS, splitWords, type TokenizerJson } from "./bpe.js";
import type { TextTokenizer } from "./text-tokenizer.js";

/** Distinct words whose tokens are remembered; the cache starts anew when it is full. */
const CACHED_WORDS = 100_000;

/**
 * Text ↔ token ids by a byte-level BPE `tokenizer.json`, run by @huggingface/tokenizers. Text is
 * taken as it is: the encoder gives it criteria in one layout.
 *
 * Merges never cross words, so words are encoded one by one and remembered. A special token written
 * out in the text ("</s>") stays text, for its words are encoded apart.
 */
export class Tokenizer implements TextTokenizer {
  readonly startId = SPECIAL_TOKENS["<s>"];
  readonly padId = SPECIAL_TOKENS["<pad>"];
  readonly endId = SPECIAL_TOKENS["</s>"];
  /** As BioGPT's tokenizer writes it. */
  readonly start = [this.endId];
  readonly end = [];
  readonly unknownId = SPECIAL_TOKENS["<unk>"];
  /** Token ids are below this. */
  readonly vocabularySize: number;
  readonly #library: LibraryTokenizer;
  readonly #cache = new Map<string, readonly number[]>();

  constructor(json: TokenizerJson) {
    this.#library = new LibraryTokenizer(json, {});
    this.vocabularySize = Object.values(json.model.vocab).reduce((a, b) => Math.max(a, b + 1), 0);
  }

  /** @throws InputError if the file is not a byte-level BPE tokenizer.json with BioGPT's special ids. */
  static fromFile(path: string): Tokenizer {
    const place = {
      file: path,
      remedy:
        "Use the tokenizer.json that `cladmop train language` wrote, or with a published BioGPT its vocab.json and merges.txt instead",
    };
    const fail = (problem: string): InputError => new InputError(problem, place);
    const json = parseJson(readText(path), place) as TokenizerJson;
    const words = json?.pre_tokenizer;
    if (
      json?.model?.type !== "BPE" ||
      json.normalizer !== null ||
      words?.type !== "ByteLevel" ||
      words.add_prefix_space ||
      !words.use_regex
    ) {
      throw fail("is not a byte-level BPE tokenizer without normaliser and prefix space");
    }
    for (const [token, id] of Object.entries(SPECIAL_TOKENS)) {
      if (json.model.vocab?.[token] !== id) throw fail(`token ${token} does not have the id ${id}`);
    }
    try {
      return new Tokenizer(json);
    } catch (error) {
      throw fail(`cannot be loaded: ${messageOf(error)}`);
    }
  }

  /** Token ids of the text, without special tokens. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const word of splitWords(text)) for (const id of this.#encodeWord(word)) ids.push(id);
    return ids;
  }

  /** The text of token ids; special tokens are left out. Inverse of {@link encode}. */
  decode(ids: ArrayLike<number>): string {
    if (ids.length === 0) return "";
    return this.#library.decode(Array.from(ids), {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
  }

  #encodeWord(word: string): readonly number[] {
    const known = this.#cache.get(word);
    if (known) return known;
    const { ids } = this.#library.encode(word, { add_special_tokens: false });
    if (this.#cache.size >= CACHED_WORDS) this.#cache.clear();
    this.#cache.set(word, ids);
    return ids;
  }
}
