import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { z } from "zod";
import { InputError } from "../../base/error.js";
import { unwritable } from "../../base/file.js";
import { exchange, inBrief, LONGEST_RETRY_AFTER, Unreachable } from "../../base/http.js";
import { parseAs } from "../../base/json.js";
import { retry, Transient } from "../../base/retry.js";
import type { Watcher } from "../../base/watcher.js";
import type { HubName } from "./name.js";
import { refused } from "./refused.js";
import type { HubSettings } from "./settings.js";

/** How stubbornly a hub is asked; times in milliseconds. */
export interface Patience {
  /** Tries of one request; those that brought a part of a file do not count. */
  readonly tries: number;
  /** Wait after the first failure, doubled after each further one. */
  readonly firstWait: number;
  /** The longest that nothing comes. */
  readonly silence: number;
}

export const PATIENT: Patience = { tries: 5, firstWait: 1000, silence: 30_000 };

/** A file as the hub describes it. */
export interface RemoteFile {
  readonly name: string;
  /** Hexadecimal: SHA-256 of a large file (Git LFS), SHA-1 of the Git blob of a small one. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

const Listing = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/, "is no commit"),
  siblings: z.array(z.object({ rfilename: z.string() })),
});

const ODD = "Check HF_ENDPOINT: this is not how a hub answers";

/** Redirects that are followed in a row. */
const REDIRECTS = 5;

/** Asks a hub for one model, by the requests of huggingface.co/docs/hub/api. */
export class HubClient {
  /** The host that was asked last: a file may lie on another one. */
  private asked: string;

  /** @param check called some times a second; what it throws ends what goes on */
  constructor(
    private readonly hub: HubSettings,
    private readonly name: HubName,
    private readonly patience: Patience,
    private readonly watcher: Watcher,
    private readonly check: () => void,
  ) {
    this.asked = hub.endpoint;
  }

  /**
   * The commit that the revision is now, and the names of its files.
   * @throws InputError if the hub refuses or cannot be reached, what `check` throws
   */
  async list(): Promise<{ commit: string; names: string[] }> {
    const { model, revision } = this.name;
    const url = `${this.hub.endpoint}/api/models/${model}/revision/${encodeURIComponent(revision)}`;
    const text = await this.stubbornly(() =>
      this.follow("GET", url, {}, async (response, at) => {
        if (redirectOf(response, at)) return undefined;
        if (!response.ok) throw refused(response, this.name, this.hub);
        return response.text();
      }),
    );
    const { sha, siblings } = parseAs(Listing, text, { file: url, remedy: ODD });
    return { commit: sha, names: siblings.map(({ rfilename }) => rfilename) };
  }

  /** What a file is, without its content. @throws as {@link list} */
  async describe(commit: string, name: string): Promise<RemoteFile> {
    const url = this.addressOf(commit, name);
    let [etag, size] = ["", ""];
    const look = async (response: Response, at: string) => {
      const { headers } = response;
      const to = redirectOf(response, at);
      if (!response.ok && !to) throw refused(response, this.name, this.hub);
      const of = headers.get("x-repo-commit");
      if (of !== null && of !== commit) throw this.odd(name, `is answered from commit ${of}`);
      // What the hub says of a file elsewhere counts more than what that place says.
      etag ||= headers.get("x-linked-etag") ?? "";
      size ||= headers.get("x-linked-size") ?? "";
      if (to && new URL(to).origin === new URL(at).origin) return undefined; // such as another name
      etag ||= headers.get("etag") ?? "";
      if (!to) size ||= headers.get("content-length") ?? "";
      return true;
    };
    await this.stubbornly(() => this.follow("HEAD", url, {}, look));
    const hash = /^(?:W\/)?"?([0-9a-f]{40}|[0-9a-f]{64})"?$/.exec(etag)?.[1];
    if (hash === undefined) throw this.odd(name, `has no hash to check it by (ETag ${etag})`);
    if (!/^\d+$/.test(size)) throw this.odd(name, "has no size");
    return { name, etag: hash, size: Number(size) };
  }

  /**
   * Fetches a file, or the rest of it where the beginning is there already. What comes is kept, whatever
   * happens then.
   * @param received told the bytes that are there
   * @throws as {@link list}; InputError if the disk is full
   */
  async fetch(
    commit: string,
    { name, size }: RemoteFile,
    path: string,
    received: (bytes: number) => void,
  ): Promise<void> {
    if (sizeOf(path) > size) rmSync(path); // of another file, or altered
    closeSync(openFile(path, "a"));
    let before = sizeOf(path);
    const gained = () => {
      const grown = sizeOf(path) > before;
      before = sizeOf(path);
      return grown;
    };
    const rest = async (): Promise<void> => {
      const offset = sizeOf(path);
      if (offset === size) return;
      const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
      await this.follow("GET", this.addressOf(commit, name), range, async (response, at, alive) => {
        if (redirectOf(response, at)) return undefined;
        if (!response.ok) throw refused(response, this.name, this.hub, { name, at });
        const goesOn = response.headers.get("content-range")?.startsWith(`bytes ${offset}-`);
        const handle = openFile(path, offset > 0 && goesOn ? "a" : "w");
        let there = goesOn ? offset : 0;
        try {
          for await (const chunk of response.body ?? []) {
            write(handle, chunk as Uint8Array, path);
            there += (chunk as Uint8Array).length;
            received(there);
            alive();
            if (there > size) break; // its hash will tell
          }
          fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
        if (there < size) throw new Transient(`${name} broke off after ${there} of ${size} bytes`);
        return true;
      });
    };
    await this.stubbornly(rest, gained);
  }

  private addressOf(commit: string, file: string): string {
    return `${this.hub.endpoint}/${this.name.model}/resolve/${commit}/${file}`;
  }

  private odd(file: string, problem: string): InputError {
    return new InputError(`${file} ${problem}`, {
      file: `${this.hub.endpoint}/${this.name.model}`,
      remedy: ODD,
    });
  }

  /**
   * One request, and those that it is redirected to as long as `read` gives undefined. The token is for
   * the endpoint alone.
   */
  private async follow<T>(
    method: "GET" | "HEAD",
    url: string,
    headers: Readonly<Record<string, string>>,
    read: (response: Response, at: string, alive: () => void) => Promise<T | undefined>,
  ): Promise<T> {
    const { endpoint, token } = this.hub;
    let at = url;
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      this.asked = new URL(at).origin;
      const own = token !== undefined && this.asked === new URL(endpoint).origin;
      const all = {
        ...headers,
        // Else sizes and ranges would be of compressed bytes.
        "accept-encoding": "identity",
        "user-agent": "cladmop",
        ...(own && { authorization: `Bearer ${token}` }),
      };
      const { value, to } = await exchange(
        at,
        { method, headers: all },
        this.patience.silence,
        async (response, alive) => ({
          value: await read(response, at, alive),
          to: redirectOf(response, at),
        }),
        this.check,
      );
      if (value !== undefined) return value;
      if (to === undefined) break;
      at = to;
    }
    throw this.odd(new URL(url).pathname, "redirects without end");
  }

  /** Tries again what may pass, and says so. @throws InputError naming the host when the tries are used up */
  private async stubbornly<T>(action: () => Promise<T>, gained?: () => boolean): Promise<T> {
    const { tries, firstWait } = this.patience;
    try {
      return await retry(action, {
        attempts: tries,
        firstWait,
        longestWait: LONGEST_RETRY_AFTER,
        check: this.check,
        ...(gained && { gained }),
        onWait: ({ message }, wait) =>
          this.watcher.say(
            `${this.asked}: ${inBrief(message)}; trying again in ${Math.ceil(wait / 1000)} s`,
          ),
      });
    } catch (error) {
      if (error instanceof Unreachable) throw this.outOfReach(error.problem);
      if (!(error instanceof Transient)) throw error;
      throw this.outOfReach(`${inBrief(error.message)}, ${tries} times in a row`);
    }
  }

  private outOfReach(problem: string): InputError {
    const { model } = this.name;
    return new InputError(`${model} cannot be fetched: ${problem}`, {
      file: this.asked,
      remedy:
        "Check the network (and HF_ENDPOINT, if it is set) and run the command again: what has come is kept. " +
        `Without a network, copy the cache of another machine, or name a folder (${model} is none here)`,
    });
  }
}

/** Where a response sends on to; undefined if it does not. */
function redirectOf({ status, headers }: Response, at: string): string | undefined {
  const location = status >= 300 && status < 400 ? headers.get("location") : null;
  return location === null ? undefined : new URL(location, at).href;
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

function openFile(path: string, flags: "a" | "w"): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function write(handle: number, bytes: Uint8Array, path: string): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
  } catch (error) {
    throw unwritable(path, error);
  }
}
