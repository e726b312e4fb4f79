import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify, { LogController } from "fastify";
import { serializerCompiler } from "fastify-type-provider-zod";
import { clientOf, guard } from "./access.js";
import type { App, Context } from "./context.js";
import { answerErrors, answerUnreadable } from "./errors.js";
import { routeOf } from "./metrics.js";
import { describeApi } from "./openapi.js";
import { Problem } from "./problem.js";
import { addExplanations } from "./routes/explanations.js";
import { addHistory } from "./routes/history.js";
import { addModels } from "./routes/models.js";
import { addOperations } from "./routes/operations.js";
import { addPage } from "./routes/page.js";
import { addPredictions } from "./routes/predictions.js";
import { addSuggestions } from "./routes/suggestions.js";
import { addTrials } from "./routes/trials.js";
import { validatorCompiler } from "./validation.js";

/** Milliseconds. */
const MINUTE = 60_000;
/** Milliseconds that the head of a request may take to come, and a connection may wait for its next request. */
const [HEAD, KEEP_ALIVE] = [10_000, 10_000];

/** What is logged on standard error, an object a line: nothing, faults, or every request, too. */
export type LogLevel = "silent" | "error" | "info";

/** The HTTP server, which does not listen yet. */
export async function createApp(context: Context, level: LogLevel): Promise<App> {
  const { limits, metrics } = context;
  const app = fastify({
    logger: { level, base: null, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: true }) as never,
    genReqId: () => randomUUID(),
    bodyLimit: limits.body,
    // A stream of lines is sent as fast as it is computed.
    requestTimeout: limits.stream,
    keepAliveTimeout: KEEP_ALIVE,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    http: { requireHostHeader: false }, // it is asked for below, as a problem
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => void app.errorHandler(error, request, reply),
  }) as unknown as App;
  app.server.headersTimeout = HEAD;
  // What a form of another site can send without being asked first.
  app.removeContentTypeParser("text/plain");
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app);
  app.addHook("onResponse", async (request, reply) => {
    const { method } = request;
    const [route, { statusCode: status, elapsedTime }] = [routeOf(request), reply];
    metrics.request(method, route, status, elapsedTime / 1000);
    // Neither what was asked for nor by whom: it may tell of a trial.
    request.log.info({ method, route, status, ms: Math.round(elapsedTime) }, "request");
  });
  app.addHook("onRequest", async ({ headers, raw }) => {
    if (headers.host === undefined && raw.httpVersion !== "1.0")
      throw new Problem("invalid-request", "The header Host is missing");
  });
  guard(app, context);
  app.addHook("preParsing", async ({ headers, routeOptions }, reply) => {
    const { "content-encoding": encoding = "identity" } = headers;
    if (routeOptions.schema?.body === undefined || /^identity$/i.test(encoding)) return;
    reply.header("accept-encoding", "identity");
    throw new Problem("wrong-content-type", "Send the body as it is, not compressed");
  });
  // Lines are sent as they are answered; JSON that comes slowly only holds a connection.
  app.addHook("preParsing", async ({ headers }, _reply, body) => {
    if (!headers["content-type"]?.startsWith("application/json")) return body;
    const timer = setTimeout(() => request.destroy(), limits.receive);
    const request = body as unknown as IncomingMessage;
    for (const event of ["end", "close"]) request.once(event, () => clearTimeout(timer));
    return body;
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        // WebAssembly is compiled in the page: RDKit, and the model where it runs in the browser.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        workerSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // With these a page may use threads for WebAssembly.
    crossOriginEmbedderPolicy: { policy: "require-corp" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: false, // a proxy that speaks TLS says it
  });
  await app.register(rateLimit, {
    max: limits.perMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => clientOf(request, context.tokens),
    errorResponseBuilder: (_, { ttl }) =>
      new Problem(
        "too-many-requests",
        `At most ${limits.perMinute} requests a minute are answered`,
        {
          retryAfter: Math.ceil(ttl / 1000),
        },
      ),
  });
  await describeApi(app, context);
  for (const add of [
    addPredictions,
    addExplanations,
    addTrials,
    addSuggestions,
    addHistory,
    addModels,
    addOperations,
    addPage,
  ])
    await app.register(async (scope) => add(scope as unknown as App, context));
  return app;
}
