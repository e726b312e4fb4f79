import type { z } from "zod";
import { InputError, type InputLocation, messageOf } from "./error.js";

/** The value of JSON. @throws InputError if it is malformed */
export function parseJson(text: string, place: InputLocation): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`is malformed JSON: ${messageOf(error)}`, place);
  }
}

/** The value of JSON, undefined if it is malformed. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of JSON that fits a schema. @throws InputError if it is malformed or does not fit */
export const parseAs = <T>(schema: z.ZodType<T>, text: string, place: InputLocation): T =>
  checkAs(schema, parseJson(text, place), place);

/** What of a value is in a schema. @throws InputError naming the first field that does not fit */
export function checkAs<T>(schema: z.ZodType<T>, value: unknown, place: InputLocation): T {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const { message, path } = checked.error.issues[0]!;
  throw new InputError(message.charAt(0).toLowerCase() + message.slice(1), {
    ...place,
    field: path.join(".") || undefined,
  });
}
