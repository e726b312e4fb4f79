import type { FastifyReply } from "fastify";
import { Problem } from "./problem.js";

/** Aborted when the client has gone, so that nothing more is computed for it. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort(new Problem("too-slow", "The client has gone"));
  });
  return gone.signal;
}

/** Aborted when the client has gone, or has waited for so many milliseconds. */
export function deadline(gone: AbortSignal, milliseconds: number): AbortSignal {
  const late = new AbortController();
  const reason = new Problem("busy", `There was no answer within ${milliseconds / 1000} seconds`, {
    retryAfter: 5,
  });
  setTimeout(() => late.abort(reason), milliseconds).unref();
  return AbortSignal.any([gone, late.signal]);
}
