import { InputError } from "../base/error.js";

/** The Python values that occur in data files written with `str(list)`. */
export type PythonLiteral = string | number | null | readonly PythonLiteral[];

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\n": "",
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;

/**
 * Reads one Python literal made of lists, strings, numbers and None, with Python's string escapes
 * (Python language reference, section 2.4.1). Anything else, e.g. a bare word, is refused.
 * @throws InputError with the position of the first character that does not fit.
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  let at = 0;

  const fail = (expected: string): never => {
    const found = at < text.length ? `"${text.slice(at, at + 12)}"` : "the end";
    throw new InputError(`is not a Python literal: ${expected} expected at ${at}, found ${found}`, {
      remedy: "Write it as Python prints it, for example ['a', 'b']",
    });
  };
  const skipSpace = () => {
    while (/\s/.test(text[at] ?? "")) at++;
  };

  const escaped = (): string => {
    const letter = text[at++] ?? fail("a closing quote");
    const simple = ESCAPES[letter];
    if (simple !== undefined) return simple;
    const width = HEX_DIGITS[letter];
    if (width !== undefined) {
      const digits = text.slice(at, at + width);
      const code = Number.parseInt(digits, 16);
      if (!/^[0-9a-f]+$/i.test(digits) || digits.length < width || code > 0x10ffff) {
        fail(`${width} hexadecimal digits of a character`);
      }
      at += width;
      return String.fromCodePoint(code);
    }
    const octal = /^[0-7]{1,3}/.exec(text.slice(at - 1, at + 2))?.[0];
    if (octal === undefined) return `\\${letter}`; // Python keeps the backslash of an unknown escape
    at += octal.length - 1;
    return String.fromCodePoint(Number.parseInt(octal, 8));
  };

  const string = (quote: string): string => {
    let value = "";
    for (at++; text[at] !== quote; ) {
      if (at >= text.length || text[at] === "\n") fail("a closing quote");
      const character = text[at++] as string;
      value += character === "\\" ? escaped() : character;
    }
    at++;
    return value;
  };

  const list = (): PythonLiteral[] => {
    const values: PythonLiteral[] = [];
    at++;
    for (skipSpace(); text[at] !== "]"; skipSpace()) {
      if (values.length > 0) {
        if (text[at] !== ",") fail('"," or "]"');
        at++;
        skipSpace();
        if (text[at] === "]") break; // a trailing comma
      }
      values.push(value());
    }
    at++;
    return values;
  };

  const value = (): PythonLiteral => {
    skipSpace();
    const first = text[at];
    if (first === "[") return list();
    if (first === "'" || first === '"') return string(first);
    if (/^None\b/.test(text.slice(at, at + 5))) {
      at += 4;
      return null;
    }
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0];
    if (digits === undefined) return fail("a list, string, number or None");
    at += digits.length;
    return Number(digits);
  };

  const result = value();
  skipSpace();
  if (at < text.length) fail("nothing more");
  return result;
}
