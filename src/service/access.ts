import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { sha256 } from "../base/file.js";
import { SCOPES, type Scope } from "../history/index.js";
import type { App, Context } from "./context.js";
import { Problem } from "./problem.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a token must allow; public: no token is asked for. */
    scope?: Scope | "public" | ((request: FastifyRequest) => Scope);
  }
}

/** Whether an address reaches this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** The host of a Host header, without port and brackets. */
function hostOf(header: string): string {
  try {
    return new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, "");
  } catch {
    return "";
  }
}

/** The token that a request sends, if it sends one. */
const tokenOf = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer +([\w.~+/=-]+)$/i.exec(headers.authorization ?? "")?.[1];

type Scopes = readonly Scope[] | null;
const known = new WeakMap<FastifyRequest, Promise<Scopes>>();

/** What one who asks may do, looked up once; null if the token is missing or not valid. */
export function scopesOf(request: FastifyRequest, tokens: Context["tokens"]): Promise<Scopes> {
  const before = known.get(request);
  if (before !== undefined) return before;
  const lookUp = async (): Promise<Scopes> => {
    if (tokens === undefined) return SCOPES;
    const token = tokenOf(request);
    return (token === undefined ? undefined : await tokens.scopesOf(token)) ?? null;
  };
  const scopes = lookUp();
  known.set(request, scopes);
  return scopes;
}

/**
 * Whose requests are counted together: those with a valid token by it, for behind a proxy all come from one address;
 * others by their address.
 */
export async function clientOf(
  request: FastifyRequest,
  tokens: Context["tokens"],
): Promise<string> {
  const token = tokenOf(request);
  const isValid = token !== undefined && tokens && (await scopesOf(request, tokens)) !== null;
  return isValid ? `token ${sha256(token)}` : request.ip;
}

/** Refuses who may not ask, before the body is read. */
export function guard(app: App, { loopback, tokens }: Pick<Context, "loopback" | "tokens">): void {
  // A page of another site whose name was made to point here (DNS rebinding) sends that name.
  if (loopback)
    app.addHook("onRequest", async ({ headers }) => {
      if (!isLoopback(hostOf(headers.host ?? "")))
        throw new Problem("wrong-host", "This server answers to localhost and 127.0.0.1 only");
    });
  if (tokens === undefined) return;
  app.addHook("preParsing", async (request, reply) => {
    const { scope } = request.routeOptions.config;
    if (request.is404 || scope === "public") return;
    const needed = (typeof scope === "function" ? scope(request) : scope) ?? "write";
    const scopes = await scopesOf(request, tokens);
    if (scopes?.includes(needed)) return;
    const error = scopes
      ? `error="insufficient_scope", scope="${needed}"`
      : 'error="invalid_token"';
    reply.header("www-authenticate", tokenOf(request) === undefined ? "Bearer" : `Bearer ${error}`);
    if (scopes === null)
      throw new Problem("token-missing", "Send a valid token: Authorization: Bearer cladmop_…");
    throw new Problem("scope-missing", `The token does not have the scope ${needed}`);
  });
}
