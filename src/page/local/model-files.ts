import { bytesToHex } from "@noble/hashes/utils.js";
import { InputError, messageOf } from "../../base/error.js";
import { sha256 } from "../../base/file.js";
import type { ModelInfo } from "../../serving/answer.js";
import type { ModelFile } from "../../serving/model-files.js";
import type { LoadProgress } from "../api.js";
import { Problem } from "../problem.js";

/** A model as the server describes it. */
export type ServedModel = ModelInfo & { readonly files: readonly ModelFile[] };

/** Where a model's files come from. */
export interface Source {
  /** The address of the server, with a slash at its end. */
  readonly base: string;
  /** What the server asks for, if it does. */
  readonly token?: string | undefined;
}

const CACHE = "cladmop-model-";
const REMEDY = "Load the page again; if that does not help, restore the model on the server";

/** The models of the server. @throws Problem if they cannot be had */
export async function listModels(source: Source): Promise<ServedModel[]> {
  const response = await ask(source, "v1/models");
  return ((await response.json()) as { models: ServedModel[] }).models;
}

/**
 * The files of a model, each with the SHA-256 that the list says: from the browser's cache, else from the server.
 * They are cached under the model's own hash; those of other models are let go.
 * @throws Problem naming the file that cannot be had, InputError the one that is not as it was listed
 */
export async function fetchModel(
  source: Source,
  model: ServedModel,
  progress: (progress: LoadProgress) => void,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  // There is none where the page came over HTTP from another machine.
  const cache = self.isSecureContext ? await caches.open(CACHE + model.sha256) : undefined;
  const total = model.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let done = 0;
  for (const file of model.files) {
    const path = `v1/models/${model.sha256}/files?name=${encodeURIComponent(file.name)}`;
    const report = (bytes: number) =>
      progress({ what: file.name, bytes: Math.min(done + bytes, total), total });
    report(0);
    let bytes = await cachedFile(cache, path, file);
    if (!bytes) {
      bytes = await download(await ask(source, path), file, report);
      if ((await hashOf(bytes)) !== file.sha256)
        throw new InputError("was altered (its SHA-256 does not match)", {
          file: file.name,
          remedy: REMEDY,
        });
      await cache?.put(addressOf(path), new Response(bytes)).catch(() => {}); // full, perhaps
    }
    files.set(file.name, bytes);
    done += file.bytes;
    report(0);
  }
  if (cache) await forgetOthers(model);
  return files;
}

/** By the browser itself, where it lets a page do so: not over HTTP from another machine. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!self.isSecureContext) return sha256(bytes);
  return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** The name of a file in the cache: not an address that is asked. */
const addressOf = (path: string): string => new URL(path, self.location.origin).href;

async function cachedFile(cache: Cache | undefined, path: string, file: ModelFile) {
  const response = await cache?.match(addressOf(path));
  if (!response) return undefined;
  const bytes = new Uint8Array(await response.arrayBuffer());
  if ((await hashOf(bytes)) === file.sha256) return bytes;
  await cache!.delete(addressOf(path)); // damaged on the disk
  return undefined;
}

async function download(
  response: Response,
  { name, bytes: expected }: ModelFile,
  report: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      if (length > expected) break; // is refused by its hash
      report(length);
    }
    await reader.cancel();
  } catch (error) {
    throw unreachable(name, error);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function ask({ base, token }: Source, path: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, base), {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      referrerPolicy: "no-referrer",
      cache: "no-store", // kept under the model's hash, see above
    });
  } catch (error) {
    throw unreachable(path, error);
  }
  if (!response.ok)
    throw new Problem(`${path}: the server answered ${response.status}`, response.status);
  return response;
}

const unreachable = (file: string, error: unknown): Problem =>
  new Problem(`${file} cannot be fetched: ${messageOf(error)}. Is the server running?`, 0);

async function forgetOthers({ sha256 }: ServedModel): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith(CACHE) && name !== CACHE + sha256) await caches.delete(name);
}
