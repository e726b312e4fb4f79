import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseAs } from "../base/json.js";
import { publishedTokenizer } from "./published-tokenizer.js";
import type { TextTokenizer } from "./text-tokenizer.js";

/** The fields of a `tokenizer_config.json` that BERT's tokenizer depends on, with its defaults. */
const SETTINGS = z.object({
  do_lower_case: z.boolean().default(true),
  strip_accents: z.boolean().nullable().default(null),
  tokenize_chinese_chars: z.boolean().default(true),
});

const UNKNOWN = "[UNK]";
const START = "[CLS]";
const END = "[SEP]";
const SPECIAL = [UNKNOWN, START, END, "[PAD]", "[MASK]"];

/**
 * BERT's WordPiece tokenizer (Devlin et al. 2019) from its `vocab.txt`, one token a line, and its
 * `tokenizer_config.json`, where there is one.
 * @throws InputError if a file cannot be read, or lacks a special token
 */
export function readWordPiece(vocabulary: string, settingsFile: string | undefined): TextTokenizer {
  const place = { file: vocabulary, remedy: "Fetch the vocab.txt of the model again" };
  const settings = settingsFile
    ? parseAs(SETTINGS, readText(settingsFile), { ...place, file: settingsFile })
    : SETTINGS.parse({});
  const tokens = readText(vocabulary)
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  const vocab = new Map(tokens.map((token, id) => [token, id]));
  for (const token of [UNKNOWN, START, END])
    if (!vocab.has(token)) throw new InputError(`has no token ${token}`, place);
  const content = {
    added_tokens: SPECIAL.filter((token) => vocab.has(token)).map((token) => ({
      id: vocab.get(token)!,
      content: token,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars,
      strip_accents: settings.strip_accents,
      lowercase: settings.do_lower_case,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: START, type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: END, type_id: 0 } },
      ],
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: UNKNOWN,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  };
  return publishedTokenizer(content, place);
}
