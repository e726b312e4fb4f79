import { tryParseJson } from "../base/json.js";
import type { Blobs } from "./blobs.js";

/** Results of jobs by their ids. A result that is there is never computed again. */
export class Results {
  constructor(readonly blobs: Blobs) {}

  /** A result; undefined where there is none, or where it is damaged and must be computed again. */
  async get(id: string): Promise<{ readonly result: unknown } | undefined> {
    const bytes = await this.blobs.get(fileOf(id));
    return bytes && (tryParseJson(bytes.toString("utf8")) as { result: unknown } | undefined);
  }

  put(id: string, result: unknown): Promise<void> {
    return this.blobs.put(fileOf(id), Buffer.from(JSON.stringify({ result })));
  }

  remove(id: string): Promise<void> {
    return this.blobs.remove(fileOf(id));
  }
}

const fileOf = (id: string): string => `results/${id}.json`;
