import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../base/error.js";
import { readText } from "../../base/file.js";

/** Which hub is asked, as whom, and where its files are kept. */
export interface HubSettings {
  /** Such as "https://huggingface.co". */
  readonly endpoint: string;
  readonly token: string | undefined;
  /** Folder of the cache that programs of every language share. */
  readonly cache: string;
  readonly offline: boolean;
}

/** A path with its leading ~ replaced, which a shell leaves in files and variables. */
export const expandHome = (path: string): string => path.replace(/^~(?=$|[/\\])/, () => homedir());

/**
 * Settings from the environment, by the variables of Python's huggingface_hub
 * (huggingface.co/docs/huggingface_hub/package_reference/environment_variables).
 * @throws InputError if HF_ENDPOINT is no web address, or the file of the token cannot be read
 */
export function hubSettings(env: NodeJS.ProcessEnv): HubSettings {
  const set = (name: string) => env[name]?.trim() || undefined;
  const caches = set("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  const home = expandHome(set("HF_HOME") ?? join(caches, "huggingface"));
  const endpoint = (set("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/+$/, "");
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint))
    throw new InputError("is not a web address", {
      file: endpoint,
      field: "HF_ENDPOINT",
      remedy: "Write https://huggingface.co, or unset the variable",
    });
  const tokenFile = expandHome(set("HF_TOKEN_PATH") ?? join(home, "token"));
  const stored = existsSync(tokenFile) ? readText(tokenFile).trim() : "";
  return {
    endpoint,
    token: set("HF_TOKEN") ?? (stored || undefined),
    cache: expandHome(set("HF_HUB_CACHE") ?? join(home, "hub")),
    offline: /^(1|on|yes|true)$/i.test(set("HF_HUB_OFFLINE") ?? ""),
  };
}
