import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { History } from "../history/index.js";
import type { FoundTrial, ModelInfo } from "../serving/answer.js";
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

/** Where trials are looked up by their number. */
export interface Lookup {
  /** Whether it asks the registry for what is not here. */
  readonly online: boolean;
  /** Undefined: there is no such trial. @throws InputError if the study cannot be used, Unreachable or Transient */
  find(nctId: string, signal: AbortSignal): Promise<FoundTrial | undefined>;
}

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
  /** Milliseconds that a stream of lines may take. */
  readonly stream: number;
}

export const LIMITS: Limits = {
  body: 4 * 2 ** 20,
  lines: 10_000,
  perMinute: 6_000,
  answer: 30_000,
  stream: 600_000,
};

/** A file of a model, as a browser that runs it asks for it. */
export interface ModelFile {
  /** With a slash after its folder. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it lies. */
  readonly path: string;
}

/** What the routes answer with. */
export interface Context {
  readonly version: string;
  readonly engine: ThreadEngine;
  /** The model that the engine runs. */
  readonly model: ModelInfo;
  readonly modelFiles: readonly ModelFile[];
  /** Undefined: nothing is kept. */
  readonly history: History | undefined;
  /** Who may ask; undefined: whoever reaches the server. */
  readonly tokens: Pick<History, "scopesOf"> | undefined;
  readonly past: boolean;
  readonly lookup: Lookup;
  /** Folder of the built page. */
  readonly page: string;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  readonly limits: Limits;
  readonly metrics: Metrics;
}
