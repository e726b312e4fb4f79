import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenJobs, openBlobs, Refused } from "../jobs/index.js";
import {
  countBlocks,
  encodeChunk,
  HiddenStateStore,
  loadEncoder,
  resolveEncoder,
} from "../language/index.js";
import { levelsOf, PRESETS, type Preset } from "../model/index.js";
import { type Cache, shardBlob } from "./encode.js";

/** What the jobs of an encoding share. */
export interface Encoding {
  /** As the user named it: each machine finds its own copy. */
  readonly encoder: string;
  readonly offline?: boolean | undefined;
  /** The encoder's, with its levels. */
  readonly hash: string;
  readonly preset: Preset;
  /** Where shards are written, or the bucket that they are sent to. */
  readonly to: Cache | { readonly bucket: string };
}

export interface Encoded {
  readonly tokens: number;
}

export const inFiles = true;

/** Encodes chunks of texts: each to a shard of the hidden-state store. */
export const open: OpenJobs<Encoding, readonly string[], Encoded> = async (
  { encoder: name, offline, hash, preset, to },
  processor,
  watcher,
) => {
  const { folder } = await resolveEncoder(name, { offline }, watcher);
  const encoder = loadEncoder(folder, levelsOf(PRESETS[preset], countBlocks(folder)), processor);
  if (encoder.hash !== hash)
    throw new Refused("is another encoder than the submitter's", {
      file: folder,
      remedy: "Copy its folder from the machine that submits the work",
    });
  if (!("bucket" in to)) {
    const store = new HiddenStateStore(to.cache, hash, { limitBytes: to.cacheLimit * 1e9 });
    return async (texts) => ({ tokens: await encodeChunk(texts, encoder, store) });
  }
  const blobs = openBlobs(to.bucket);
  return async (texts) => {
    const own = mkdtempSync(join(tmpdir(), "cladmop-shard-"));
    const store = new HiddenStateStore(own, hash, { limitBytes: Number.POSITIVE_INFINITY });
    try {
      const blob = shardBlob(store.idOf(texts));
      if (await blobs.has(blob)) return { tokens: 0 };
      const tokens = await encodeChunk(texts, encoder, store);
      await blobs.put(blob, store.shardOf(texts));
      return { tokens };
    } finally {
      store.close();
      rmSync(own, { recursive: true });
    }
  };
};
