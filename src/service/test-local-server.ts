import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build } from "vite";
import { modelFiles } from "../serving/model-files.js";
import { SHIPPED_MODEL } from "../serving/predictor.js";

// The model in a browser, apart from page and service: what of both it needs, and a way to call it.

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";
/** With these, threads of the page may share memory. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Builds, as the page is built, a page that opens the model and nothing else. */
export async function buildHarness(outDir: string): Promise<void> {
  await build({
    configFile: join(ROOT, "vite.config.ts"),
    root: join(ROOT, "src/page/local/harness"),
    build: { outDir, emptyOutDir: true },
    logLevel: "warn",
  });
}

export interface ModelServer {
  readonly url: string;
  /** The paths that have been asked for, in order; of a file of the model "file" and its name. */
  readonly asked: string[];
  close(): void;
}

/**
 * Serves a built page and the shipped model under the headers that the service sends.
 * @param altered name of a file of the model of which another byte is sent than was listed
 * @param past folder of an index of past trials
 */
export async function serveModel(
  page: string,
  { isolated = false, altered, past }: { isolated?: boolean; altered?: string; past?: string } = {},
): Promise<ModelServer> {
  const files = modelFiles(SHIPPED_MODEL, { past });
  const { sha256 } = files[0]!;
  const listed = files.map(({ path: _, ...file }) => file);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url!, "http://localhost");
    const fileName = path === `/v1/models/${sha256}/files` ? searchParams.get("name") : null;
    asked.push(fileName === null ? path : `file ${fileName}`);
    const headers = { "content-security-policy": POLICY, ...(isolated && ISOLATED) };
    const send = (type: string, body: string | Buffer) =>
      response.writeHead(200, { "content-type": type, ...headers }).end(body);
    const file = files.find(({ name }) => name === fileName);
    const name = path === "/" ? "/index.html" : path;
    if (path === "/v1/models")
      send(
        "application/json",
        JSON.stringify({ models: [{ name: "top", sha256, files: listed }] }),
      );
    else if (file) {
      const bytes = readFileSync(file.path);
      if (file.name === altered) bytes[bytes.length >> 1]! ^= 1;
      send("application/octet-stream", bytes);
    } else if (/^\/(index\.html|assets\/[\w.-]+)$/.test(name))
      send(TYPES[extname(name)]!, readFileSync(join(page, name)));
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, asked, close };
}

interface Harness {
  open(): Promise<{ what: string; bytes: number; total: number }[]>;
  readonly api: Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;
}

/** Opens the model in the page. @returns what was reported while it was loaded */
export const openModel = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as Harness).open());

/** Calls a method of the page's `Api`. */
export const call = <T>(page: Page, method: string, ...args: readonly unknown[]): Promise<T> =>
  page.evaluate(([method, args]) => (globalThis as unknown as Harness).api[method]!(...args), [
    method,
    args,
  ] as const) as Promise<T>;
