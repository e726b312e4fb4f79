import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./test-redis.js";

/** A server that speaks S3's protocol and checks signatures. */
export interface TestS3 {
  /** For the environment of whoever uses it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/** Starts one with a bucket named "shared". */
export async function startS3(): Promise<TestS3> {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-s3-"));
  const port = await freePort();
  const main = createRequire(import.meta.url).resolve("s3rver");
  const script = join(dirname(main), "..", "bin", "s3rver.js");
  const settings = ["-d", folder, "-p", String(port), "-a", "127.0.0.1", "--silent"];
  const server = spawn(
    process.execPath,
    [script, ...settings, "--no-vhost-buckets", "--configure-bucket", "shared"],
    { stdio: "ignore" },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  while (!(await isUp())) await sleep(50);
  return {
    env: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: "S3RVER", // the key that it knows
      AWS_SECRET_ACCESS_KEY: "S3RVER",
    },
    stop() {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    },
  };
}
