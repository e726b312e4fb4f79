import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

/** Path of a file of the real data beside the checkout. It may be absent: see {@link needsData}. */
export const dataPath = (name: string): string => root + name;

/**
 * Options for a test that needs real data: runs where the files are, and skips by name where not.
 * Usage: `test("...", needsData("top/phase_I_train.csv"), () => ...)`.
 */
export function needsData(...names: string[]): { skip: string | false } {
  const absent = names.filter((name) => !existsSync(dataPath(name)));
  return { skip: absent.length > 0 && `real data absent: ../shared/data/${absent.join(", ")}` };
}
