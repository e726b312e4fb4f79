import { isAbsolute } from "node:path";
import { InputError } from "../../base/error.js";

/** A model on a hub, at one state of its repository. */
export interface HubName {
  /** Such as "microsoft/biogpt". */
  readonly model: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const NAME = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(.*))?$/;
/** Its parts become names of files: none of them may lead out of a folder. */
const REVISION = /^\w[\w.-]*(\/\w[\w.-]*)*$/;

/**
 * Reads `owner/name` or `owner/name@revision`. What else a path may be, such as ./a/b or a/b/c, is none.
 * @throws InputError if the revision cannot be one
 */
export function hubNameOf(given: string): HubName | undefined {
  const [, model, revision = "main"] = NAME.exec(given) ?? [];
  if (model === undefined || isAbsolute(given)) return undefined;
  if (!REVISION.test(revision))
    throw new InputError(`"${revision}" is no revision`, {
      file: given,
      remedy: `Write a branch, a tag or a commit behind the @, such as ${model}@main`,
    });
  return { model, revision };
}

/** Whether a revision is a commit: what it holds never changes. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);
