import { InputError } from "../../base/error.js";
import { inBrief } from "../../base/http.js";
import type { HubName } from "./name.js";
import type { HubSettings } from "./settings.js";

/**
 * What it means that a hub refuses, by status and the error codes that huggingface_hub knows. (A hub
 * answers 401 for what does not exist, too: it does not tell strangers what is private.)
 * @param file the one that was asked for and where, if it was a file's content
 */
export function refused(
  { status, headers }: Response,
  { model, revision }: HubName,
  { endpoint, token }: Pick<HubSettings, "endpoint" | "token">,
  file?: { readonly name: string; readonly at: string },
): InputError {
  const page = `${endpoint}/${model}`;
  const code = headers.get("x-error-code") ?? "";
  const said = inBrief(headers.get("x-error-message") ?? "");
  const fail = (problem: string, remedy: string, where = page) =>
    new InputError(problem, { file: where, remedy });

  const host = file && new URL(file.at).origin;
  if (file && host !== new URL(endpoint).origin)
    return fail(
      `the host that keeps ${file.name} answered ${status}`,
      "Run the command again: addresses of files expire. If it stays, see whether a firewall bars the host",
      host,
    );
  if (code === "RevisionNotFound")
    return fail(`has no revision "${revision}"`, "Name a branch, a tag or a commit of it");
  if (status === 401 && said.includes("Invalid credentials"))
    return fail("the token is not valid", "Correct or unset HF_TOKEN, or log in again");
  if (code === "GatedRepo" || status === 403)
    return fail(
      `the model is gated: it is given only to those who have accepted its terms (${status}${said && `, ${said}`})`,
      token === undefined
        ? `Accept them at ${page}, then set HF_TOKEN to a token of your account (${endpoint}/settings/tokens)`
        : `Accept them at ${page} with the account of your HF_TOKEN, and see that the token may read gated models`,
    );
  if (status === 401 || status === 404)
    return fail(
      `there is no such model, or it is private (${status}${said && `, ${said}`})`,
      `Correct the name${token === undefined ? ", or set HF_TOKEN if you may read it" : ""}. If a folder is meant: there is no ${model} here`,
    );
  return fail(
    `the hub answered ${status}${said && ` (${said})`}`,
    "Check HF_ENDPOINT, or try again later",
  );
}
