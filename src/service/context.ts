import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { History } from "../history/index.js";
import type { ModelInfo } from "../serving/answer.js";
import type { Lookup } from "../serving/lookup.js";
import type { ModelFile } from "../serving/model-files.js";
import type { ThreadEngine } from "./engine.js";
import type { Metrics } from "./metrics.js";

/** A server whose schemas are zod's. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What one who asks may cost. */
export interface Limits {
  /** Bytes of a body of JSON, and of a line of NDJSON. */
  readonly body: number;
  /** Lines of an NDJSON body. */
  readonly lines: number;
  /** Requests of one client in a minute. */
  readonly perMinute: number;
  /** Milliseconds that an answer may take. */
  readonly answer: number;
  /** Milliseconds that a body may take to come that is no stream. */
  readonly receive: number;
  /** Milliseconds that a stream of lines may take. */
  readonly stream: number;
}

export const LIMITS: Limits = {
  body: 4 * 2 ** 20,
  lines: 10_000,
  perMinute: 6_000,
  answer: 30_000,
  receive: 20_000,
  stream: 600_000,
};

/** What the routes answer with. */
export interface Context {
  readonly version: string;
  readonly engine: ThreadEngine;
  /** The model that the engine runs. */
  readonly model: ModelInfo;
  /** What a browser that runs it asks for, with the paths where it lies. */
  readonly modelFiles: readonly (ModelFile & { readonly path: string })[];
  /** Undefined: nothing is kept. */
  readonly history: History | undefined;
  /** Who may ask; undefined: whoever reaches the server. */
  readonly tokens: Pick<History, "scopesOf"> | undefined;
  readonly past: boolean;
  readonly lookup: Pick<Lookup, "online" | "find">;
  /** Folder of the built page. */
  readonly page: string;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  readonly limits: Limits;
  readonly metrics: Metrics;
}
