import { createHash } from "node:crypto";
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { InputError } from "../../base/error.js";
import { makeFolder, readChunks } from "../../base/file.js";
import type { Watcher } from "../../base/watcher.js";
import { INDEX, shardsOf } from "../weight-files.js";
import type { HubCache } from "./cache.js";
import type { HubClient, RemoteFile } from "./client.js";
import { CHOOSE_ANOTHER, DESCRIPTIONS, lackingFile, WEIGHTS } from "./encoder-files.js";

/** Milliseconds between two reports of progress. */
const STEP = 200;

/**
 * Downloads into the cache what an encoder needs of a model, and nothing else. What is there already is
 * not fetched again; each file is checked by its hash before it takes its name.
 * @param check called some times a second; what it throws ends the download and what came is kept
 * @returns the commit
 * @throws InputError if the hub refuses, the model is no encoder or a file is damaged on its way
 */
export async function download(
  cache: HubCache,
  client: HubClient,
  watcher: Watcher,
  check: () => void,
): Promise<string> {
  const { model } = cache.name;
  watcher.report({ stage: `Asking for ${model}`, done: 0, total: 1 });
  const { commit, names } = await client.list();
  const listed = new Set(names);
  refuseNoEncoder(listed, cache);
  const fetchAll = async (wanted: readonly string[]): Promise<void> => {
    const files: RemoteFile[] = [];
    for (const name of wanted)
      if (!existsSync(cache.file(commit, name))) files.push(await client.describe(commit, name));
    await fetchFiles(files, commit, cache, client, watcher, check);
  };
  const weights = WEIGHTS.find((name) => listed.has(name))!;
  const described = DESCRIPTIONS.filter((name) => listed.has(name));
  // The weights last: an encoder whose weights are there is whole.
  await fetchAll(weights === INDEX ? [...described, INDEX] : described);
  for (const name of DESCRIPTIONS) if (!listed.has(name)) cache.noteAbsent(commit, name);
  const shards =
    weights === INDEX ? shardsOf(cache.file(commit, INDEX), CHOOSE_ANOTHER) : [weights];
  const absent = shards.find((shard) => !listed.has(shard));
  if (absent !== undefined)
    throw new InputError(`names ${absent}, which the model does not have`, {
      file: `${model}, ${INDEX}`,
      remedy: CHOOSE_ANOTHER,
    });
  await fetchAll(shards);
  cache.pointTo(commit);
  return commit;
}

/** Fetches what is not in the cache, and names it in the snapshot. */
async function fetchFiles(
  files: readonly RemoteFile[],
  commit: string,
  cache: HubCache,
  client: HubClient,
  watcher: Watcher,
  check: () => void,
): Promise<void> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const stage = `Downloading ${cache.name.model}`;
  let before = 0;
  let told = 0;
  const report = (done: number) => {
    if (Date.now() - told < STEP) return;
    told = Date.now();
    watcher.report({ stage, done: Math.min(done, total), total, unit: "bytes" });
  };
  makeFolder(cache.blobs);
  for (const file of files) {
    const [blob, incomplete] = [cache.blob(file.etag), cache.incomplete(file.etag)];
    if (!existsSync(blob) || statSync(blob).size !== file.size) {
      await client.fetch(commit, file, incomplete, (bytes) => report(before + bytes));
      checkHash(incomplete, file, check);
      renameSync(incomplete, blob);
    }
    cache.link(file.etag, commit, file.name);
    before += file.size;
  }
}

/** @throws InputError if a file is not what the hub announced; then it is removed */
function checkHash(path: string, { name, etag }: RemoteFile, check: () => void): void {
  const hash =
    etag.length === 64
      ? createHash("sha256")
      : createHash("sha1").update(`blob ${statSync(path).size}\0`); // as Git hashes a blob
  for (const chunk of readChunks(path, 1 << 20)) {
    hash.update(chunk);
    check();
  }
  if (hash.digest("hex") === etag) return;
  rmSync(path);
  throw new InputError(`what came of ${name} is not what the hub announced: its hash differs`, {
    file: path,
    remedy:
      "The file was removed: run the command again. If it stays so, a proxy or HF_ENDPOINT alters files",
  });
}

/** @throws InputError if a repository's files make no encoder that we read */
function refuseNoEncoder(listed: ReadonlySet<string>, { name }: HubCache): void {
  const { model, revision } = name;
  const lacking = lackingFile((file) => listed.has(file));
  if (lacking === undefined) return;
  const pickled = [...listed].find((file) => /^pytorch_model\b.*\.(bin|json)$|\.ckpt$/.test(file));
  const file = `${model}@${revision}`;
  if (lacking === WEIGHTS[0] && pickled !== undefined)
    throw new InputError(
      `has pickled weights alone (${pickled}), which can run any code when they are read: no model.safetensors`,
      {
        file,
        remedy:
          `See whether a pull request on the model's page has it (${model}@refs/pr/NUMBER), or convert them with Python: ` +
          `python3 -c "from transformers import AutoModel as M, AutoTokenizer as T; ` +
          `[C.from_pretrained('${model}').save_pretrained('converted') for C in (M, T)]", ` +
          "and name the folder: --encoder ./converted",
      },
    );
  throw new InputError(`has no ${lacking}: it is no encoder that can be read`, {
    file,
    remedy: `Choose a model with config.json, tokenizer.json (or vocab.json and merges.txt, or vocab.txt) and ${WEIGHTS.join(" or ")}`,
  });
}
