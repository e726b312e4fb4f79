import { Redis } from "ioredis";
import { InputError, messageOf } from "../base/error.js";

/** How patient both sides of a queue are, in milliseconds. */
export interface Pacing {
  /** Between two looks of the submitter at its jobs. */
  readonly look: number;
  /** A worker that has not been heard of for so long has lost its job. */
  readonly lock: number;
  /** Until a job that failed is tried again; doubled before the next time. */
  readonly retry: number;
  /** Until a job that a worker refused is offered again. */
  readonly refused: number;
  /** A submitter gives up a Redis that is away for longer. */
  readonly gone: number;
  /** Until a result that a worker has written must be seen in the shared place: network folders are late. */
  readonly late: number;
}

export const PACING: Pacing = {
  look: 500,
  lock: 30_000,
  retry: 2000,
  refused: 5000,
  gone: 60_000,
  late: 30_000,
};

/** Where a queue is: its host and port, as messages name them (never with the password). */
export interface Connection {
  readonly redis: Redis;
  readonly host: string;
}

const DEFAULT_PORT = "6379";

/**
 * Connects to the Redis at `redis://user:password@host:port` (or rediss:// for TLS). Once connected, it is
 * connected again whenever it was lost, and commands wait until then.
 * @throws InputError naming host and port if there is none, or if it refuses the password
 */
export async function connect(url: string): Promise<Connection> {
  const host = hostOf(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: 10_000,
    retryStrategy: (times) => Math.min(200 * times, 2000),
  });
  let last: unknown;
  const listen = (error: unknown) => {
    last = error;
  };
  redis.on("error", listen); // else ioredis prints each
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw unusable(host, last ?? error);
  }
  return { redis, host };
}

/** "host:port". @throws InputError if it is no URL of a Redis; the message does not repeat it */
export function hostOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || !parsed.hostname)
    throw new InputError("is no address of a Redis", {
      field: "--queue",
      remedy:
        "Give it as redis://host:6379 or redis://user:password@host:6379; in a password, # is %23 and / is %2F",
    });
  return `${parsed.hostname}:${parsed.port || DEFAULT_PORT}`;
}

function unusable(host: string, error: unknown): InputError {
  const said = messageOf(error);
  if (/NOAUTH|WRONGPASS|NOPERM|invalid password/i.test(said))
    return new InputError("the Redis refuses the user or the password", {
      file: host,
      remedy: "Give both in --queue: redis://user:password@host:port",
    });
  return new InputError(`no Redis answers: ${said || "no connection"}`, {
    file: host,
    remedy: "Start redis-server there, or correct host and port of --queue",
  });
}

/** What a Redis says it cannot do, as an error for the user; others as they are. */
export function asInputError(host: string, error: unknown): unknown {
  if (!messageOf(error).startsWith("OOM ")) return error;
  return new InputError("the Redis is out of memory", {
    file: host,
    remedy: "Raise its maxmemory, with maxmemory-policy noeviction, then run the command again",
  });
}

/** A Redis that was there and is away for too long. */
export const gone = (host: string, time: number): InputError =>
  new InputError(`the Redis has been away for ${Math.round(time / 1000)} seconds`, {
    file: host,
    remedy:
      "Start it again, then run the command again: what is finished is kept, with its data or without",
  });
