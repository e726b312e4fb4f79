import { Tokenizer as Library } from "@huggingface/tokenizers";
import { z } from "zod";
import { InputError, type InputLocation, messageOf } from "../base/error.js";
import { readText } from "../base/file.js";
import { checkAs, parseJson } from "../base/json.js";
import type { TextTokenizer } from "./text-tokenizer.js";

/** What is read of a tokenizer.json besides what the library reads. */
const SCHEMA = z.looseObject({
  model: z.looseObject({
    /** Left out by older files; the library would guess at an unknown one. */
    type: z.enum(["BPE", "WordPiece", "Unigram"]).optional(),
    /** Of Unigram, a list whose positions are the ids. */
    vocab: z.union([z.record(z.string(), z.int()), z.array(z.unknown())]),
  }),
  added_tokens: z.array(z.looseObject({ id: z.int() })),
});

/** @throws InputError if the file is not a tokenizer.json that @huggingface/tokenizers can run */
export function readTokenizerJson(path: string): TextTokenizer {
  const place = { file: path, remedy: "Fetch the tokenizer.json of the model again" };
  return publishedTokenizer(parseJson(readText(path), place), place);
}

/**
 * A tokenizer as a `tokenizer.json` says, run by @huggingface/tokenizers. As in Python, a special token that
 * is written out in a text is that token.
 * @throws InputError if it cannot be run
 */
export function publishedTokenizer(content: unknown, place: InputLocation): TextTokenizer {
  const { model, added_tokens: added } = checkAs(SCHEMA, content, place);
  let library: Library;
  let start: readonly number[];
  let end: readonly number[];
  try {
    library = new Library(content as object, {});
    [start, end] = specialTokens(library);
  } catch (error) {
    throw new InputError(`cannot be loaded: ${messageOf(error)}`, place);
  }
  const ids = Array.isArray(model.vocab) ? [model.vocab.length - 1] : Object.values(model.vocab);
  const largest = [...ids, ...added.map(({ id }) => id)].reduce((a, b) => Math.max(a, b), -1);
  return {
    start,
    end,
    vocabularySize: largest + 1,
    encode(text) {
      const encoded: number[] = library.encode(text, { add_special_tokens: false }).ids;
      if (encoded.some((id) => id === undefined))
        throw new InputError(
          "has no token for a part of a text, nor one for what is unknown",
          place,
        );
      return encoded;
    },
  };
}

/** What the tokenizer puts before and after a text. @throws Error if that is not in its vocabulary */
function specialTokens(library: Library): [start: number[], end: number[]] {
  const text = "a";
  const whole: string[] = library.tokenize(text, { add_special_tokens: true });
  const bare: string[] = library.tokenize(text);
  const at = whole.findIndex((_, i) => bare.every((token, j) => whole[i + j] === token));
  if (bare.length === 0 || at < 0) throw new Error("what it puts around a text cannot be told");
  const idsOf = (tokens: readonly string[]) =>
    tokens.map((token) => {
      const id = library.token_to_id(token);
      if (id === undefined)
        throw new Error(`${token}, put around a text, is not in its vocabulary`);
      return id;
    });
  return [idsOf(whole.slice(0, at)), idsOf(whole.slice(at + bare.length))];
}
