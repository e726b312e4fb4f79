import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

const DEBIAN = "/usr/lib/postgresql";
const PASSWORD = "s3cret:/@pass";

/** The folder of PostgreSQL's programs as Debian installs it, or undefined. */
export function postgresFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  return versions
    .map((one) => join(DEBIAN, one, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")));
}

export interface TestServer {
  readonly port: number;
  readonly password: string;
  /** A connection as the superuser `postgres`, to the database `aact`. */
  readonly admin: pg.Client;
  /** The URL of a new, empty database as its superuser sees it. */
  newDatabase(): Promise<string>;
  /** Stops it as a crash would, lets some work be done meanwhile, and starts it again. */
  crash(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of its own, that asks for passwords, in a folder of its own.
 * @param syncs whether it waits for the disk, as others do: tests have no need to
 */
export async function startPostgres(bin: string, syncs = false): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-postgres-"));
  // PostgreSQL refuses to run as root; Debian's package brings the user that may.
  const user = process.getuid?.() === 0 ? debianUser() : {};
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, PASSWORD);
  for (const path of [folder, passwordFile])
    if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
  const data = join(folder, "data");
  const init = ["-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const options = { ...user, cwd: folder, stdio: "ignore" } satisfies SpawnOptions;
  execFileSync(join(bin, "initdb"), [...init, "--no-sync"], options);
  const port = await freePort();
  const settings = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder];
  if (!syncs) settings.push("-F");
  const start = () => {
    const server = spawn(join(bin, "postgres"), settings, options);
    const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
    return { server, ended };
  };
  let { server, ended } = start();
  const connect = async (database: string) => {
    const client = await untilUp(
      () =>
        new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: PASSWORD, database }),
    );
    client.on("error", () => {}); // of a crash
    return client;
  };
  const first = await connect("postgres");
  await first.query("create database aact");
  await first.end();
  let admin = await connect("aact");
  let databases = 0;
  return {
    port,
    password: PASSWORD,
    get admin() {
      return admin;
    },
    async newDatabase() {
      const name = `made_${databases++}`;
      await admin.query(`create database ${name}`);
      return `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${name}`;
    },
    async crash(meanwhile) {
      server.kill("SIGQUIT"); // an immediate shutdown: what was not committed is lost
      await ended;
      await meanwhile();
      ({ server, ended } = start());
      admin = await connect("aact");
    },
    async stop() {
      await admin.end();
      server.kill("SIGINT"); // a fast shutdown
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

function debianUser(): { uid?: number; gid?: number } {
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilUp(client: () => pg.Client): Promise<pg.Client> {
  for (const end = Date.now() + 30_000; ; ) {
    const attempt = client();
    try {
      await attempt.connect();
      return attempt;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
