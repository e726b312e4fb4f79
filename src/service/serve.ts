import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { InputError, messageOf } from "../base/error.js";
import { exists } from "../base/file.js";
import type { Watcher } from "../base/watcher.js";
import { defaultHistory, openHistory } from "../history/index.js";
import { readCard } from "../model/index.js";
import { openLookup } from "../serving/lookup.js";
import { modelFiles } from "../serving/model-files.js";
import { modelInfo } from "../serving/model-info.js";
import { openPast } from "../serving/past.js";
import type { ModelCard } from "../training/finetune.js";
import { isLoopback } from "./access.js";
import { createApp } from "./app.js";
import { type App, LIMITS } from "./context.js";
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
  /** Threads that compute, on a processor core each. */
  readonly threads: number;
  /** Whether every request is logged. */
  readonly json: boolean;
}

export interface Server {
  readonly url: string;
  /** Rejects if the model cannot be loaded. */
  readonly ready: Promise<void>;
  /** Accepts no more requests, finishes those in flight, ends the engine, closes the history. */
  close(): Promise<void>;
}

/** Processor cores of an engine's thread: two threads with one each answer more than one thread with two. */
const CORES = 1;
const SILENT: Watcher = { report() {}, say() {}, stopping: () => false };
const PAGE = fileURLToPath(new URL("../page/", import.meta.url));

/**
 * Starts the service.
 * @param watcher told how reading the studies and warming the model up go on, where they take long
 * @throws InputError if the port is taken, the database cannot be opened, a file is missing or altered, or it would
 *   listen beyond this machine although there is no token; Interrupted if the watcher stops it
 */
export async function serve(options: ServeOptions, watcher: Watcher = SILENT): Promise<Server> {
  const opened: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    return await start(options, watcher, opened, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param opened gets what closes each thing that is opened, in their order */
async function start(
  options: ServeOptions,
  watcher: Watcher,
  opened: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Server> {
  const { host, model: folder, version, online, studies } = options;
  const loopback = isLoopback(host);
  const url = options.database ?? defaultHistory();
  // Its tokens count, whether it keeps predictions or not.
  const opens = options.history || !loopback || options.database !== undefined || exists(url);
  const database = opens ? await openHistory(url) : undefined;
  if (database) opened.push(() => database.close());
  const tokens = (await database?.listTokens()) ?? [];
  if (!loopback && tokens.length === 0)
    throw new InputError("reaches beyond this machine, and there is no token", {
      field: "--host",
      remedy: "Make one with cladmop token add NAME, or leave --host out",
    });
  const card = readCard<ModelCard>(folder, "model");
  const files = modelFiles(folder, options);
  const past = options.past === undefined ? undefined : openPast(options.past, card);
  if (past) opened.push(() => past.close());
  const lookup = await openLookup({ studies, past, online }, watcher);
  opened.push(() => lookup.close());
  const model = modelInfo(folder, card);
  let app: App | undefined;
  const metrics = new Metrics((reason) => app?.log.error({ reason }, "an engine thread ended"));
  const settings = { model: folder, drugs: options.drugs, past: options.past, threads: CORES };
  const engine = new ThreadEngine(settings, options.threads, {
    lot: (trials) => metrics.lot(trials),
    lost: (reason) => metrics.lost(reason),
    warming: warmingReport(watcher, () => engine.state.status === "loading"),
  });
  opened.push(() => engine.release());
  metrics.watch(engine, model);
  app = await createApp(
    {
      version,
      engine,
      model,
      modelFiles: files,
      history: options.history ? database : undefined,
      tokens: tokens.length > 0 ? database : undefined,
      past: past !== undefined,
      lookup,
      page: PAGE,
      loopback,
      limits: LIMITS,
      metrics,
    },
    options.json ? "info" : "error",
  );
  opened.push(() => app.close());
  return { url: await listen(app, options), ready: engine.ready(), close };
}

/** Milliseconds that warming up may take unmentioned. */
const SHORT = 2000;

/** Reports how far the threads are, until one is ready. */
function warmingReport(watcher: Watcher, loading: () => boolean): (share: number) => void {
  const start = performance.now();
  let most = 0;
  return (share) => {
    most = Math.max(most, share);
    if (loading() && performance.now() - start > SHORT)
      watcher.report({ stage: "Warming the model up", done: Math.round(100 * most), total: 100 });
  };
}

/** @returns the address */
async function listen(app: App, options: ServeOptions): Promise<string> {
  const { host, port } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw refused(error, options);
  }
  const { port: actual } = app.server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${actual}/`;
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
