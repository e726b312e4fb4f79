import { AwsClient } from "aws4fetch";
import { InputError } from "../base/error.js";
import { sha256 } from "../base/file.js";
import { exchange, inBrief } from "../base/http.js";
import { retry, Transient } from "../base/retry.js";
import type { Blobs } from "./blobs.js";

/** A broken connection or a busy server is tried again, for some four minutes in all. */
const PATIENT = { attempts: 8, firstWait: 500, longestWait: 60_000 };
/** Milliseconds until an answer must have begun or gone on: a large piece takes long to send. */
const TIMEOUT = 600_000;

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * A bucket of Amazon S3 or of a server that speaks its protocol, given as `s3://bucket/prefix`. Endpoint, region
 * and keys are read from AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL), AWS_REGION (or AWS_DEFAULT_REGION),
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
 * @throws InputError if the bucket's name or a key is missing
 */
export function bucketBlobs(
  place: string,
  env: NodeJS.ProcessEnv = process.env,
  patience = PATIENT,
): Blobs {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(place) ?? [];
  if (!bucket)
    throw new InputError("names no bucket", {
      file: place,
      remedy: "Give it as s3://bucket/prefix",
    });
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey)
    throw new InputError("cannot be opened without keys", {
      file: place,
      remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of every machine",
    });
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";
  const given = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  // Amazon's own buckets are hosts; other servers take the bucket as the beginning of the path.
  const root = given
    ? `${given.replace(/\/+$/, "")}/${bucket}`
    : `https://${bucket}.s3.${region}.amazonaws.com`;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    region,
    service: "s3",
  });

  /** @throws InputError if the server refuses or stays away */
  async function ask(method: string, name: string, body?: Uint8Array): Promise<Answer> {
    const url = [root, ...(prefix ? [prefix] : []), name].join("/");
    const headers = { "x-amz-content-sha256": sha256(body ?? "") };
    try {
      return await retry(async () => {
        const signed = await client.sign(url, { method, headers });
        const init = {
          method,
          headers: signed.headers,
          ...(body && { body: new Uint8Array(body) }),
        };
        return exchange(url, init, TIMEOUT, async (response) => ({
          status: response.status,
          body: Buffer.from(await response.arrayBuffer()),
        }));
      }, patience);
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      throw new InputError(`${method} failed: ${error.message}`, {
        file: `${place} at ${new URL(root).host}`,
        remedy: "Check that the server is up and can be reached, then run the command again",
      });
    }
  }

  function refused(what: string, { status, body }: Answer): InputError {
    const said = /<Code>(.*?)<\/Code>/.exec(body.toString("utf8"))?.[1] ?? inBrief(body.toString());
    return new InputError(`${what} was refused: status ${status} ${said}`, {
      file: `${place} at ${new URL(root).host}`,
      remedy:
        "Check the bucket's name, the AWS_ variables of the environment and what the key may do",
    });
  }

  return {
    async get(name) {
      const answer = await ask("GET", name);
      if (answer.status === 200) return answer.body;
      if (answer.status === 404 && !answer.body.includes("NoSuchBucket")) return undefined;
      throw refused(`reading ${name}`, answer);
    },
    async has(name) {
      const answer = await ask("HEAD", name);
      if (answer.status === 200 || answer.status === 404) return answer.status === 200;
      throw refused(`looking for ${name}`, answer);
    },
    async put(name, bytes) {
      const answer = await ask("PUT", name, bytes);
      if (answer.status !== 200) throw refused(`writing ${name}`, answer);
    },
    async remove(name) {
      const answer = await ask("DELETE", name);
      if (answer.status >= 300 && answer.status !== 404) throw refused(`removing ${name}`, answer);
    },
  };
}
