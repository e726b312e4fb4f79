import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { freePort } from "./test-port.js";

/** What is still running when a test fails would keep its file from ending. */
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

const isThere = (program: string) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Options of a test that needs Redis: Debian's redis-server, or the test is skipped. */
export const NEEDS_REDIS = {
  skip: !isThere("redis-server") && "redis-server is not installed (apt-get install redis-server)",
};

const PASSWORD = "s3cret-word";

/** A Redis of the test's own, in a folder of its own. */
export class TestRedis {
  readonly folder = mkdtempSync(join(tmpdir(), "cladmop-redis-"));
  #server: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  static async start(): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.startAgain();
    return redis;
  }

  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  async startAgain(): Promise<void> {
    const settings = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder];
    const quick = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    this.#server = spawn("redis-server", [...settings, ...quick, "--requirepass", PASSWORD], {
      stdio: "ignore",
    });
    children.add(this.#server);
    const client = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on("error", () => {}); // not up yet
    await client.ping();
    client.disconnect();
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    const client = new Redis(this.url);
    await client.flushall();
    client.disconnect();
  }

  /** Ends it as a power failure would. */
  async kill({ data = "kept" }: { data?: "kept" | "lost" } = {}): Promise<void> {
    const server = this.#server!;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
    if (data === "lost")
      rmSync(join(this.folder, "appendonlydir"), { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

/** A process with what it has said. */
export class TestProcess {
  readonly process: ChildProcess;
  said = "";
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.process = spawn(process.execPath, args, options);
    children.add(this.process);
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.on("data", (text) => {
        this.said += text;
      });
    this.ended = once(this.process, "close").then(([code]) => code);
  }

  async saying(pattern: RegExp): Promise<void> {
    await until(
      () => pattern.test(this.said),
      () => `${pattern} in: ${this.said}`,
    );
  }
}

/** A worker for fake jobs. */
export class TestWorker extends TestProcess {
  constructor(url: string, jobs = 1) {
    super([fileURLToPath(new URL("./fake-worker.js", import.meta.url)), url, String(jobs)]);
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean, what: () => string): Promise<void> {
  for (const end = Date.now() + 20_000; !isSo(); await sleep(20))
    if (Date.now() > end) throw new Error(`it did not come to be: ${what()}`);
}
