import { copyFileSync, existsSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder, readText, temporaryOf, unwritable, writeWhole } from "../../base/file.js";
import { INDEX, shardsOf, WHOLE } from "../weight-files.js";
import { CHOOSE_ANOTHER, lackingFile } from "./encoder-files.js";
import { type HubName, isCommit } from "./name.js";

/**
 * The files of one model in the cache that Python's huggingface_hub keeps, too
 * (huggingface.co/docs/huggingface_hub/guides/manage-cache): contents lie in `blobs` by their hash,
 * `snapshots/COMMIT` names them by links, `refs` says which commit a branch or tag meant, and
 * `.no_exist/COMMIT` has an empty file for each that is known not to exist.
 */
export class HubCache {
  private readonly folder: string;
  /** Held while the model is downloaded. Python locks blobs by files of other names beside it. */
  readonly lock: string;

  constructor(
    readonly root: string,
    readonly name: HubName,
  ) {
    const id = `models--${name.model.replace("/", "--")}`;
    this.folder = join(root, id);
    this.lock = join(root, ".locks", id, "cladmop.pid");
  }

  get blobs(): string {
    return join(this.folder, "blobs");
  }

  blob(etag: string): string {
    return join(this.blobs, etag);
  }

  /** Where a content lies that has not come to its end. */
  incomplete(etag: string): string {
    return `${this.blob(etag)}.incomplete`;
  }

  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  file(commit: string, name: string): string {
    return join(this.snapshot(commit), name);
  }

  /** The commit that the revision was when it was last asked for; undefined if it never was. */
  commit(): string | undefined {
    const { revision } = this.name;
    if (isCommit(revision)) return revision;
    if (!existsSync(this.ref)) return undefined;
    const commit = readText(this.ref).trim();
    return isCommit(commit) ? commit : undefined;
  }

  /** Has the revision stand for a commit. @throws InputError if that cannot be written */
  pointTo(commit: string): void {
    if (!isCommit(this.name.revision)) writeWhole(this.ref, commit);
  }

  private get ref(): string {
    return join(this.folder, "refs", this.name.revision);
  }

  /**
   * The first file that a snapshot lacks of an encoder; undefined if it is whole. (Python fetches files
   * one by one as they are asked for, so a snapshot of its may be in part.)
   * @throws InputError if the index of the weights is malformed
   */
  lacking(commit: string): string | undefined {
    const has = (name: string) => existsSync(this.file(commit, name));
    const file = lackingFile(has);
    if (file !== undefined) return file;
    // Without tokenizer.json it may say how words are taken apart, such as by do_lower_case.
    const rules = "tokenizer_config.json";
    if (!has("tokenizer.json") && !has(rules) && !existsSync(this.absence(commit, rules)))
      return rules;
    if (has(WHOLE) || !has(INDEX)) return undefined;
    return shardsOf(this.file(commit, INDEX), CHOOSE_ANOTHER).find((shard) => !has(shard));
  }

  /** Remembers that a commit has no file of a name. @throws InputError if that cannot be written */
  noteAbsent(commit: string, name: string): void {
    const note = this.absence(commit, name);
    if (!existsSync(note)) writeWhole(note, "");
  }

  private absence(commit: string, name: string): string {
    return join(this.folder, ".no_exist", commit, name);
  }

  /**
   * Names a blob in a snapshot: by a link, or by a copy where the file system or the user's rights do
   * not allow links.
   * @throws InputError if neither can be written
   */
  link(etag: string, commit: string, name: string, symlink = symlinkSync): void {
    const path = this.file(commit, name);
    if (existsSync(path)) return;
    try {
      makeFolder(dirname(path));
      rmSync(path, { force: true }); // a link to nothing
      try {
        symlink(join("..", "..", "blobs", etag), path);
      } catch {
        copyFileSync(this.blob(etag), temporaryOf(path));
        renameSync(temporaryOf(path), path);
      }
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}
