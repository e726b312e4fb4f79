import { existsSync, readdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256File } from "../base/file.js";
import { Refused } from "./refused.js";

/** Folder of the package: what is shipped lies elsewhere on each machine. */
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const SHIPPED = "shipped:";

/** A path as every machine understands it: absolute, or within the package. */
export function sharedPath(path: string): string {
  const within = relative(PACKAGE, resolve(path));
  const isShipped = !within.startsWith("..") && !within.startsWith("node_modules");
  return isShipped ? SHIPPED + within.split(sep).join("/") : resolve(path);
}

/** What {@link sharedPath} stands for on this machine. */
export const localPath = (path: string): string =>
  path.startsWith(SHIPPED) ? join(PACKAGE, path.slice(SHIPPED.length)) : path;

/** Shared paths of files → their SHA-256. @throws InputError if one cannot be read */
export const hashesByPath = (files: readonly string[]): Record<string, string> =>
  Object.fromEntries(files.map((file) => [sharedPath(file), sha256File(file)]));

/** Every file in a folder, in order. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();

/** @throws Refused if a file is absent on this machine, or another one than {@link hashesByPath} read */
export function verifyFiles(hashes: Readonly<Record<string, string>>): void {
  for (const [path, expected] of Object.entries(hashes)) {
    const file = localPath(path);
    const fail = (problem: string) =>
      new Refused(`${problem} on ${hostname()}`, {
        file,
        remedy: "Copy it there from the machine that submits the work, to the same path",
      });
    if (!existsSync(file)) throw fail("is absent");
    if (sha256File(file) !== expected) throw fail("is another file");
  }
}
