import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that speaks as much of S3's protocol as {@link bucketBlobs} does, with a bucket named "shared". */
export interface TestS3 {
  /** For the environment of whoever uses it. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests that are answered with status 503 before it obeys. */
  busy: number;
  stop(): Promise<void>;
}

const KEY = "AKIATEST";
const SECRET = "s3cret/key";

export async function startS3(): Promise<TestS3> {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const answer = (status: number, content: Buffer | string = "") => {
      response.statusCode = status;
      response.end(method === "HEAD" ? undefined : content);
    };
    const error = (status: number, code: string) =>
      answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
    if (s3.busy-- > 0) return error(503, "SlowDown");
    const signed = /Signature=(\w+)/.exec(headers.authorization ?? "")?.[1];
    if (signed !== signatureOf(method, url, headers, SECRET))
      return error(403, "SignatureDoesNotMatch");
    if (headers["x-amz-content-sha256"] !== sha256(body))
      return error(400, "XAmzContentSHA256Mismatch");
    const [, bucket, name] = /^\/([^/]+)\/(.*)$/.exec(decodeURIComponent(url)) ?? [];
    if (bucket !== "shared" || !name) return error(404, "NoSuchBucket");
    if (method === "PUT") {
      objects.set(name, body);
      return answer(200);
    }
    if (method === "DELETE") {
      objects.delete(name);
      return answer(204);
    }
    const object = objects.get(name);
    return object ? answer(200, object) : error(404, "NoSuchKey");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const s3: TestS3 = {
    env: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
    },
    busy: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return s3;
}

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();

/**
 * The signature that a request without a query must have ("Authenticating Requests (AWS Signature Version 4)" in
 * Amazon's API reference of S3), of the headers that it says it signs.
 */
export function signatureOf(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  secret: string,
): string {
  const { authorization = "" } = headers;
  const scope = /Credential=[^/]+\/([^,]+)/.exec(authorization)?.[1] ?? "";
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "";
  const lines = signed.split(";").map((name) => `${name}:${headers[name]}\n`);
  const canonical = [method, path, "", lines.join(""), signed, headers["x-amz-content-sha256"]];
  const time = String(headers["x-amz-date"]);
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical.join("\n"))].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString("hex");
}
