import { type Command, InvalidArgumentError } from "commander";
import { addExamples, count } from "./option.js";

/** Signals within this many milliseconds of the first are the same Ctrl-C, passed on by npx. */
const ECHO = 1000;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly model?: string;
  readonly drugs?: string;
  readonly past?: string;
  readonly studies: string[];
  readonly database?: string;
  readonly history: boolean;
  readonly offline: boolean;
  readonly threads: number;
  readonly json: boolean;
}

function port(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("Give a whole number from 0 to 65535.");
  return value;
}

/** `cladmop serve`: the service and its page. */
export function addServe(program: Command, version: string): void {
  const command = program
    .command("serve")
    .description(
      "Serve the page and the REST API (its document: /openapi.json). Ctrl-C or SIGTERM finishes the requests in flight first.",
    )
    .option(
      "--host <address>",
      "address to listen on; beyond this machine it needs a token",
      "127.0.0.1",
    )
    .option("--port <n>", "port to listen on, 0 for any that is free", port, 8080)
    .option("--model <dir>", "folder of the model (default: the shipped one)")
    .option("--drugs <file>", "drug names and SMILES (default: the shipped vocabulary)")
    .option("--past <dir>", "index of past trials, as cladmop index writes it: for similar ones")
    .option("--studies <files...>", "studies that are looked up by their NCT number", [])
    .option(
      "--database <url>",
      "where predictions and tokens are kept: a file, or postgres://user@host/database (default: a file in your home)",
    )
    .option("--no-history", "keep no predictions")
    .option("--offline", "look nothing up in the registry", false)
    .option(
      "--threads <n>",
      "processor cores to compute on, each with the model in memory",
      count,
      2,
    )
    .option("--json", "log every request on standard error, an object a line", false)
    .action((options: Options) => run(options, version));
  addExamples(command, {
    "cladmop serve": "for this machine alone, at http://127.0.0.1:8080",
    "cladmop serve --past past --studies studies.ndjson.gz --offline":
      "with similar past trials, and look-up without a network",
    "cladmop token add team --scope read write && cladmop serve --host 0.0.0.0 --database postgres://cladmop@db/cladmop":
      "for a team: behind a proxy that speaks TLS",
  });
}

async function run(given: Options, version: string): Promise<void> {
  const { serve } = await import("../service/serve.js");
  const { SHIPPED_MODEL } = await import("../serving/index.js");
  const { progressView } = await import("./progress.js");
  const { offline, ...options } = given;
  let asked: number | undefined;
  const stopped = new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      if (asked === undefined) {
        asked = performance.now();
        view.say("Finishing the requests in flight. Ctrl-C again ends at once.");
        resolve();
      } else if (performance.now() - asked > ECHO) {
        process.off(signal, stop);
        process.kill(process.pid, signal);
      }
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
  const view = progressView();
  const server = await serve(
    {
      ...options,
      model: options.model ?? SHIPPED_MODEL,
      drugs: options.drugs,
      past: options.past,
      database: options.database,
      online: !offline,
      version,
    },
    {
      report: (progress) => view.report(progress),
      say: (line) => view.say(line),
      stopping: () => asked !== undefined,
    },
  ).catch((error) => {
    view.end();
    throw error;
  });
  try {
    await Promise.race([server.ready, stopped]).finally(() => view.end());
    if (asked === undefined) console.log(`cladmop serves at ${server.url} (Ctrl-C ends it)`);
    await stopped;
  } finally {
    await server.close();
  }
}
