import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { InputError } from "../base/error.js";
import { Unreachable } from "../base/http.js";
import { Transient } from "../base/retry.js";
import { HistoryFault } from "../history/index.js";
import type { App } from "./context.js";
import { EngineLost } from "./engine.js";
import { inputProblem, PROBLEM_TYPE, Problem, wrongField } from "./problem.js";
import { TooMany } from "./waiting.js";

/** Seconds after which one who was refused may ask again. */
const SOON = 2;

/** What to answer instead, for anything thrown. Faults of ours tell no more than that they are. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HistoryFault)
    return new Problem("history-unavailable", "The database cannot be used. The log says why", {
      retryAfter: SOON,
    });
  // Why is for who runs the service: the log says it.
  if (error instanceof Unreachable)
    return new Problem(
      "registry-unreachable",
      "ClinicalTrials.gov cannot be reached from this server",
    );
  if (error instanceof Transient)
    return new Problem(
      "registry-unreachable",
      "ClinicalTrials.gov does not answer just now. Try again later",
    );
  if (error instanceof InputError) return inputProblem(error, "");
  if (error instanceof TooMany)
    return new Problem("busy", `Too much is asked for: ${error.message}`, { retryAfter: SOON });
  if (error instanceof EngineLost) return new Problem("fault", error.message);
  return ofFastify(error) ?? new Problem("fault", "The service failed. Its log says where");
}

/** Fastify's own errors. */
function ofFastify(error: unknown): Problem | undefined {
  const { code, statusCode, message } = error as Partial<
    Error & { code: string; statusCode: number }
  >;
  if (code === "FST_ERR_BAD_URL")
    return new Problem(
      "invalid-request",
      "The address is malformed: in it % is followed by two hexadecimal digits, of UTF-8",
    );
  if (statusCode === 413) return new Problem("too-large", "The body is too large");
  if (statusCode === 415)
    return new Problem(
      "wrong-content-type",
      "Send application/json, or application/x-ndjson where lines are taken, not compressed",
    );
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return wrongField("", message ?? "");
  return undefined;
}

/** Where an error comes from, without its message: that may quote a protocol. */
function traceOf(error: unknown): { readonly error: string; readonly stack: readonly string[] } {
  const { name = "Error", stack = "" } = error as Partial<Error>;
  return { error: name, stack: stack.split("\n").filter((line) => /^ +at /.test(line)) };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { retryAfter } = problem.more;
  if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter));
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .serializer((details: unknown) => JSON.stringify(details))
    .send(problem.details());
}

/** Every error of every route as problem details. */
export function answerErrors(app: App): void {
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply) => {
    const problem = problemOf(error);
    // It names the database and holds nothing of a trial, but is not for whoever asks.
    if (error instanceof HistoryFault) request.log.error({ reason: error.message }, "history");
    if (error instanceof Unreachable || error instanceof Transient)
      request.log.error({ reason: error.message }, "registry");
    if (problem.kind === "fault") request.log.error(traceOf(error), "fault");
    return sendProblem(reply, problem);
  });
  const methodsFor = watchRoutes(app);
  app.setNotFoundHandler(({ url, method }, reply) => {
    const allowed = methodsFor(url.split("?", 1)[0]!);
    if (allowed.length === 0)
      return sendProblem(reply, new Problem("not-found", "There is nothing at this address"));
    reply.header("allow", allowed.join(", "));
    return sendProblem(
      reply,
      new Problem(
        "method-not-allowed",
        `This address does not take ${method}, only ${allowed.join(", ")}`,
      ),
    );
  });
}

/** The methods that an address takes, of the routes that are added afterwards. */
function watchRoutes(app: App): (path: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    const parts = url
      .split("/")
      .map((part) => (part.startsWith(":") ? "[^/]+" : part.replace(/[^\w-]/g, "\\$&")));
    routes.push({ pattern: new RegExp(`^${parts.join("/")}$`), methods: [method].flat() });
  });
  return (path) => [
    ...new Set(routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))),
  ];
}

/** Answers what Node cannot read as a request, which no route sees. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  // An answer that is under way cannot become another: Node's own handler looks at the same field.
  const { _httpMessage: current } = socket as Socket & { readonly _httpMessage?: ServerResponse };
  if (!socket.writable || error.code === "ECONNRESET" || current?.headersSent) {
    socket.destroy();
    return;
  }
  const problem = unreadable(error.code);
  const body = JSON.stringify(problem.details());
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.details().title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function unreadable(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW")
    return new Problem("head-too-large", "The address and headers are too large");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new Problem("too-slow", "The request took too long to come");
  return new Problem("invalid-request", "This is no request of HTTP");
}
