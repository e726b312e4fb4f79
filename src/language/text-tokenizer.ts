import { join } from "node:path";
import { InputError } from "../base/error.js";
import { exists } from "../base/file.js";
import { readBioGptTokenizer } from "./biogpt-tokenizer.js";
import { readTokenizerJson } from "./published-tokenizer.js";
import { Tokenizer } from "./tokenizer.js";
import { readWordPiece } from "./word-piece.js";

/** Text → the token ids that a model was trained with. */
export interface TextTokenizer {
  /** Special tokens that stand before and after a text. */
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** Token ids are below this. */
  readonly vocabularySize: number;
  /** Token ids of the text, without those at its start and end. @throws InputError if it has no tokens */
  encode(text: string): number[];
}

const JSON_FILE = "tokenizer.json";
/** Names that stand for a tokenizer, the first that is there; the others of its line belong to it. */
const KINDS = [
  [JSON_FILE],
  ["vocab.json", "merges.txt"],
  ["vocab.txt", "tokenizer_config.json"],
] as const;

/** The names of a folder's files that make its tokenizer. @throws InputError if there is none */
export function tokenizerFiles(folder: string): string[] {
  const isThere = (name: string) => exists(join(folder, name));
  const kind = KINDS.find(([name]) => isThere(name));
  if (!kind)
    throw new InputError(`is missing, and so are ${KINDS[1][0]} and ${KINDS[2][0]}`, {
      file: join(folder, JSON_FILE),
      remedy:
        "Add the model's tokenizer.json; or BERT's vocab.txt, or BioGPT's vocab.json and merges.txt",
    });
  const [main, ...others] = kind;
  return main === "vocab.txt" ? [main, ...others.filter(isThere)] : [main, ...others];
}

/**
 * Reads a folder's tokenizer: `tokenizer.json`, else `vocab.json` and `merges.txt` of BioGPT, else
 * `vocab.txt` of BERT. @param type the model's `model_type`
 * @throws InputError if a file is missing, damaged or of another kind
 */
export function readTokenizer(folder: string, type: string): TextTokenizer {
  const [main, ...others] = tokenizerFiles(folder).map((name) => join(folder, name)) as [
    string,
    ...string[],
  ];
  if (main.endsWith(JSON_FILE))
    return type === "biogpt" ? Tokenizer.fromFile(main) : readTokenizerJson(main);
  if (main.endsWith("vocab.txt")) return readWordPiece(main, others[0]);
  if (type === "biogpt") return readBioGptTokenizer(main, others[0]!);
  throw new InputError(`alone does not say how ${type} splits a text into words`, {
    file: main,
    remedy: `Give the ${JSON_FILE}, which save_pretrained of Python's transformers writes`,
  });
}
