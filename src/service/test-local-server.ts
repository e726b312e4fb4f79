import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { modelFiles } from "../serving/model-files.js";
import { SHIPPED_MODEL } from "../serving/predictor.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:",
  "cross-origin-resource-policy": "same-origin",
};
/** With these, threads of the page may share memory. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Builds, as the page is built, a page that has `openLocalApi` and nothing else. */
export const buildHarness = (outDir: string) =>
  build({
    configFile: join(ROOT, "vite.config.ts"),
    root: join(ROOT, "src/page/local/harness"),
    build: { outDir, emptyOutDir: true },
    logLevel: "warn",
  });

/** What of the service the browser mode asks: the page, the list of models, and the shipped model's files. */
export async function serveModel(
  page: string,
  { isolated = false, altered = undefined as string | undefined } = {},
): Promise<{ server: Server; url: string }> {
  const files = modelFiles(SHIPPED_MODEL);
  const sha256 = files[0]!.sha256;
  const listed = files.map(({ path: _, ...file }) => file);
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://localhost").pathname;
    const send = (type: string, body: string | Buffer) =>
      response
        .writeHead(200, { "content-type": type, ...HEADERS, ...(isolated && ISOLATED) })
        .end(body);
    if (path === "/v1/models")
      return send("application/json", JSON.stringify({ models: [{ name: "top", sha256, files: listed }] }));
    const file = files.find(({ name }) => path === `/v1/models/${sha256}/files/${name}`);
    if (file) {
      const bytes = readFileSync(file.path);
      if (file.name === altered) bytes[bytes.length - 1]! ^= 1;
      return send("application/octet-stream", bytes);
    }
    const name = path === "/" ? "/index.html" : path;
    if (/^\/(index\.html|assets\/[\w.-]+)$/.test(name))
      return send(TYPES[extname(name)]!, readFileSync(join(page, name)));
    return response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
