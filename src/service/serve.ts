import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { InputError, messageOf } from "../base/error.js";
import { defaultHistory, type History, openHistory } from "../history/index.js";
import { readCard } from "../model/index.js";
import { modelFiles } from "../serving/model-files.js";
import { modelInfo } from "../serving/model-info.js";
import type { ModelCard } from "../training/finetune.js";
import { isLoopback } from "./access.js";
import { createApp } from "./app.js";
import { type App, type Context, LIMITS } from "./context.js";
import { ThreadEngine } from "./engine.js";
import { Metrics } from "./metrics.js";

export interface ServeOptions {
  readonly version: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Folder of the model. */
  readonly model: string;
  readonly drugs: string | undefined;
  /** Folder of an index of past trials. */
  readonly past: string | undefined;
  /** Files of studies that are looked up by their number. */
  readonly studies: readonly string[];
  /** Where predictions are kept; undefined: in the user's own SQLite file. */
  readonly database: string | undefined;
  /** Whether predictions are kept. */
  readonly history: boolean;
  /** Whether trials are looked up in the registry. */
  readonly online: boolean;
  /** Processor cores. */
  readonly threads: number;
  /** Whether every request is logged. */
  readonly json: boolean;
}

export interface Server {
  readonly url: string;
  /** Rejects if the model cannot be loaded. */
  readonly ready: Promise<void>;
  /** Accepts no more requests, finishes those in flight, closes the history. */
  close(): Promise<void>;
}

const PAGE = fileURLToPath(new URL("../page/", import.meta.url));

/**
 * Starts the service.
 * @throws InputError if the port is taken, the database cannot be opened, a file is missing or altered, or it would
 *   listen beyond this machine although there is no token
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const loopback = isLoopback(options.host);
  const database = await openDatabase(options, loopback);
  try {
    return await listen(options, loopback, database);
  } catch (error) {
    await database?.close();
    throw error;
  }
}

async function openDatabase(
  { database = defaultHistory(), history }: ServeOptions,
  loopback: boolean,
): Promise<History | undefined> {
  return history || !loopback ? openHistory(database) : undefined;
}

async function listen(
  options: ServeOptions,
  loopback: boolean,
  database: History | undefined,
): Promise<Server> {
  const { host, port, model: folder, version } = options;
  const tokens = (await database?.listTokens()) ?? [];
  if (!loopback && tokens.length === 0)
    throw new InputError("reaches beyond this machine, and there is no token", {
      field: "--host",
      remedy: "Make one with cladmop token add NAME, or leave --host out",
    });
  const model = modelInfo(folder, readCard<ModelCard>(folder, "model"));
  let app: App | undefined;
  const metrics = new Metrics((reason) => app?.log.error({ reason }, "an engine thread ended"));
  const engine = new ThreadEngine(options, 1, metrics);
  metrics.watch(engine, model);
  const context: Context = {
    version,
    engine,
    model,
    modelFiles: modelFiles(folder, options),
    history: options.history ? database : undefined,
    tokens: tokens.length > 0 ? database : undefined,
    past: options.past !== undefined,
    lookup: { online: false, find: () => Promise.resolve(undefined) },
    page: PAGE,
    loopback,
    limits: LIMITS,
    metrics,
  };
  app = await createApp(context, options.json ? "info" : "error");
  try {
    await app.listen({ host, port });
  } catch (error) {
    await engine.release();
    throw refused(error, options);
  }
  const { port: actual } = app.server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}/`,
    ready: engine.ready(),
    async close() {
      await app.close();
      await engine.release();
      await database?.close();
    },
  };
}

function refused(error: unknown, { host, port }: ServeOptions): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return new InputError(`port ${port} is taken by another program`, {
      field: "--port",
      remedy: "Give another one, or 0 for any that is free",
    });
  if (code === "EACCES")
    return new InputError(`port ${port} is not yours to listen on`, {
      field: "--port",
      remedy: "Give one from 1024 on",
    });
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new InputError(`${host} is no address of this machine: ${messageOf(error)}`, {
      field: "--host",
      remedy: "Give 127.0.0.1, or 0.0.0.0 for all of its addresses",
    });
  return error;
}
