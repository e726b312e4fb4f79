import { createHash } from "node:crypto";
import { symlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { makeFolder, sha256, writeWhole } from "../../base/file.js";

// A local hub for tests, which answers as huggingface.co does: small files itself, large ones by a redirect to
// a second server, as to its content delivery network.

export const COMMIT = "c".repeat(40);

/** A request as it was made. */
export interface Asked {
  readonly host: "hub" | "cdn";
  /** Such as "GET /owner/name/resolve/…/config.json". */
  readonly line: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface FakeHub {
  /** Its address, for HF_ENDPOINT. */
  readonly url: string;
  readonly cdn: string;
  /** Every request so far. */
  readonly asked: Asked[];
  /** Answers instead of its own, by the host and a part of the line that they are for; each is given once. */
  readonly faults: { host: "hub" | "cdn"; line: string; answer: Answer }[];
  close(): void;
}

/** Hash of a file as Git names its blob. */
export const gitHash = (content: string | Buffer): string =>
  createHash("sha1")
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest("hex");

/** A large file, by Git LFS; by its name alone. */
const isLarge = (name: string) => /\.(safetensors|onnx|bin)$/.test(name);

export const etagOf = (name: string, content: string | Buffer): string =>
  isLarge(name) ? sha256(content) : gitHash(content);

/** Starts a hub with one model, whose branch main and tag v1 are {@link COMMIT}. */
export async function fakeHub(
  model: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<FakeHub> {
  const asked: Asked[] = [];
  const faults: FakeHub["faults"] = [];
  const fail = (response: ServerResponse, code: string) =>
    response.writeHead(404, { "x-error-code": code, "x-error-message": code }).end();

  const start = async (host: "hub" | "cdn", own: Answer): Promise<Server> => {
    const server = createServer((request, response) => {
      const line = `${request.method} ${request.url}`;
      const { range, authorization } = request.headers;
      asked.push({ host, line, range, authorization });
      const at = faults.findIndex((fault) => fault.host === host && line.includes(fault.line));
      if (at >= 0) faults.splice(at, 1)[0]!.answer(response, request);
      else own(response, request);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  };
  const addressOf = (server: Server) =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const cdnServer = await start("cdn", (response, request) => {
    const name = new URL(request.url!, "http://cdn").pathname.slice(1);
    send(response, request, Buffer.from(files[name]!));
  });
  const cdn = addressOf(cdnServer);
  const hubServer = await start("hub", (response, request) => {
    const path = decodeURIComponent(request.url!.split("?")[0]!);
    const listed = `/api/models/${model}/revision/`;
    if (path.startsWith(listed)) {
      const revision = path.slice(listed.length);
      if (!["main", "v1", COMMIT].includes(revision)) return fail(response, "RevisionNotFound");
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      return response.end(JSON.stringify({ id: model, sha: COMMIT, siblings }));
    }
    const name = path.replace(`/${model}/resolve/${COMMIT}/`, "");
    const content = files[name];
    if (content === undefined)
      return fail(response, path.includes(model) ? "EntryNotFound" : "RepoNotFound");
    response.setHeader("x-repo-commit", COMMIT);
    if (!isLarge(name)) {
      response.setHeader("etag", `"${gitHash(content)}"`);
      return send(response, request, Buffer.from(content));
    }
    const headers = {
      location: `${cdn}/${name}?Signature=secret`,
      "x-linked-etag": `"${sha256(content)}"`,
      "x-linked-size": String(Buffer.byteLength(content)),
      etag: '"of-the-redirect"',
    };
    response.writeHead(302, headers).end("Found. Redirecting");
  });
  const close = () => {
    for (const server of [hubServer, cdnServer]) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { url: addressOf(hubServer), cdn, asked, faults, close };
}

/** Lays files of a model out in a cache as Python's huggingface_hub does, main being {@link COMMIT}. */
export function layCache(
  cache: string,
  model: string,
  files: Readonly<Record<string, string | Buffer>>,
): void {
  const at = (...names: string[]) => join(cache, `models--${model.replace("/", "--")}`, ...names);
  makeFolder(at("snapshots", COMMIT));
  for (const [name, content] of Object.entries(files)) {
    const etag = etagOf(name, content);
    writeWhole(at("blobs", etag), content);
    symlinkSync(join("..", "..", "blobs", etag), at("snapshots", COMMIT, name));
  }
  writeWhole(at("refs", "main"), COMMIT);
}

/** Sends a content, or the rest of it that was asked for. */
function send(response: ServerResponse, request: IncomingMessage, content: Buffer): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = content.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": rest.length,
    ...(from > 0 && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  response.end(request.method === "HEAD" ? undefined : rest);
}
