import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../base/error.js";
import { unreadable, writeWhole } from "../base/file.js";
import { bucketBlobs } from "./s3.js";

/** Pieces of data by name, in a place that every machine sees. A piece is there as a whole or not at all. */
export interface Blobs {
  /** The bytes under a name, or undefined where there is nothing. @throws InputError if the place cannot be read */
  get(name: string): Promise<Buffer | undefined>;
  /** Whether there is something under a name. @throws InputError as {@link get} */
  has(name: string): Promise<boolean>;
  /** Keeps bytes under a name, in place of others. @throws InputError if the place cannot be written */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes what is under a name, if there is anything. */
  remove(name: string): Promise<void>;
}

/**
 * Whether a place is a bucket, not a folder.
 * @throws InputError if it is written like an address, but of no bucket: it would become a folder of that name
 */
export function isBucket(place: string): boolean {
  if (place.startsWith("s3://")) return true;
  if (/^[a-z][a-z0-9+.-]+:\//i.test(place))
    throw new InputError(`"${place}" is neither a folder nor s3://bucket/prefix`, {
      field: "--shared",
      remedy: "Name a folder that every machine has, or a bucket of a server that speaks S3",
    });
  return false;
}

/**
 * Opens a folder, or a bucket given as `s3://bucket/prefix`.
 * @throws InputError if a bucket's name or its settings in the environment are missing
 */
export const openBlobs = (place: string): Blobs =>
  isBucket(place) ? bucketBlobs(place) : folderBlobs(place);

const folderBlobs = (folder: string): Blobs => ({
  async get(name) {
    const file = join(folder, name);
    try {
      return readFileSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw unreadable(file, error);
    }
  },
  async has(name) {
    return existsSync(join(folder, name));
  },
  async put(name, bytes) {
    writeWhole(join(folder, name), bytes);
  },
  async remove(name) {
    rmSync(join(folder, name), { force: true });
  },
});
