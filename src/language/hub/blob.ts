import { InputError } from "../../base/error.js";
import { realPath, sha256File } from "../../base/file.js";

/**
 * SHA-256 of a file of an encoder. Large ones in the hub's cache are links to a blob that their SHA-256 names.
 * @throws InputError if the file cannot be read, or is such a blob and damaged
 */
export function checkedHash(path: string): string {
  const hash = sha256File(path);
  const blob = realPath(path);
  const name = /[\\/]blobs[\\/]([0-9a-f]{64})$/.exec(blob)?.[1];
  if (name !== undefined && name !== hash)
    throw new InputError("is damaged in the cache: its SHA-256 is not that of its name", {
      file: path,
      remedy: `Delete ${blob}, and run the command again`,
    });
  return hash;
}
