import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { readBytes, sha256 } from "../base/file.js";

/** Folder of the compiled program. */
const ROOT = fileURLToPath(new URL("../", import.meta.url));

/**
 * SHA-256 of the program as it is compiled, without its tests.
 * @param beside its folders that do not count
 */
export function codeHash(beside: readonly string[] = []): string {
  const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js") && !/\.test\.js$|[/\\](test|fake)-/.test(path))
    .filter((path) => !beside.includes(path.split(sep)[0]!))
    .sort();
  return sha256(JSON.stringify(files.map((path) => [path, sha256(readBytes(join(ROOT, path)))])));
}
