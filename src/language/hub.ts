import { existsSync } from "node:fs";
import { InputError } from "../base/error.js";
import { locked } from "../base/lock.js";
import { pause } from "../base/retry.js";
import { Interrupted, type Watcher } from "../base/watcher.js";
import { HubCache } from "./hub/cache.js";
import { HubClient, PATIENT, type Patience } from "./hub/client.js";
import { download } from "./hub/download.js";
import { hubNameOf } from "./hub/name.js";
import { expandHome, hubSettings } from "./hub/settings.js";

/** How an encoder that is given by name is looked for. */
export interface HubOptions {
  /** Take what is in the cache alone; so does HF_HUB_OFFLINE=1. */
  readonly offline?: boolean | undefined;
  /** Where settings are read from, see {@link hubSettings}; by default the environment. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly patience?: Patience | undefined;
}

/** An encoder on this machine. */
export interface FoundEncoder {
  readonly folder: string;
  /** Its name and commit, such as "microsoft/biogpt@eb0d815…", if it was given by a name. */
  readonly model?: string | undefined;
}

/** Milliseconds between two looks whether another process has done with a model. */
const TURN = 500;

/**
 * Finds the encoder that the user named: a folder, or a model of a hub as `owner/name` or
 * `owner/name@revision`, which is downloaded unless it is in the cache that Python's huggingface_hub
 * keeps, too. What is in the cache is used as it is, so that a branch means the same commit until its
 * files are removed, with or without a network.
 * @throws InputError if there is none, the hub refuses or cannot be reached, or the disk is full;
 *   Interrupted if the watcher stops it: what has come is kept
 */
export async function resolveEncoder(
  given: string,
  { offline = false, env = process.env, patience = PATIENT }: HubOptions,
  watcher: Watcher,
): Promise<FoundEncoder> {
  const folder = expandHome(given);
  if (existsSync(folder)) return { folder };
  const name = hubNameOf(given);
  if (!name)
    throw new InputError("there is no such folder", {
      file: given,
      remedy: "Name the folder of an encoder, or owner/name of a model on Hugging Face's hub",
    });
  const hub = hubSettings(env);
  const cache = new HubCache(hub.cache, name);
  const found = (commit: string) => ({
    folder: cache.snapshot(commit),
    model: `${name.model}@${commit}`,
  });
  const cached = wholeIn(cache);
  if (cached !== undefined) return found(cached);
  if (offline || hub.offline) throw notCached(cache);

  const check = () => {
    if (watcher.stopping()) throw new Interrupted(cache.blobs, "by running the command again");
  };
  const client = new HubClient(hub, name, patience, watcher, check);
  let waits = false;
  const wait = async (other: number) => {
    if (!waits) watcher.say(`Process ${other} is downloading ${name.model}: waiting for it`);
    waits = true;
    await pause(TURN, check);
  };
  return found(
    await locked(
      cache.lock,
      async () => wholeIn(cache) ?? (await download(cache, client, watcher, check)),
      wait,
    ),
  );
}

/** Whether something is the name of a model on a hub, and no folder. */
export const isHubName = (given: string, folder: string): boolean =>
  !existsSync(folder) && hubNameOf(given) !== undefined;

/** The commit of a model that is in the cache with all that an encoder needs. */
function wholeIn(cache: HubCache): string | undefined {
  const commit = cache.commit();
  return commit === undefined || cache.lacking(commit) !== undefined ? undefined : commit;
}

function notCached(cache: HubCache): InputError {
  const { model, revision } = cache.name;
  const commit = cache.commit();
  const inPart = commit !== undefined && existsSync(cache.snapshot(commit));
  return new InputError(
    inPart
      ? `${cache.lacking(commit)} is not in the cache, and nothing is downloaded offline`
      : "is not in the cache, and nothing is downloaded offline",
    {
      file: inPart ? cache.snapshot(commit) : `${model}@${revision} (${cache.root})`,
      remedy:
        "Run the command once without --offline and HF_HUB_OFFLINE, or copy the cache of another machine. " +
        `If a folder is meant: there is no ${model} here`,
    },
  );
}
