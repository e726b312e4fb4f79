import { z } from "zod";
import { SCOPES } from "../../history/index.js";
import { scopesOf } from "../access.js";
import type { App, Context } from "../context.js";
import { content, problems } from "../openapi.js";
import { Problem } from "../problem.js";

const Settings = z
  .object({
    version: z.string(),
    authentication: z.boolean().describe("Whether requests need a token"),
    history: z.boolean().describe("Whether predictions are kept"),
    past: z.boolean().describe("Whether there is an index of past trials"),
    online: z.boolean().describe("Whether trials are looked up in the registry"),
    scopes: z
      .array(z.enum(SCOPES))
      .readonly()
      .nullable()
      .describe("What the caller may do; null: the token is missing or not valid"),
  })
  .meta({ id: "Settings" });

/** What those ask who run the service, and what a page must know first. */
export function addOperations(app: App, context: Context): void {
  const { engine, history, lookup, metrics, past, tokens, version } = context;
  const open = { scope: "public", rateLimit: false } as const;

  app.get(
    "/v1/settings",
    {
      config: { scope: "public" },
      schema: {
        summary: "What a page must know of this server",
        operationId: "settings",
        response: { 200: Settings, ...problems(503) },
      },
    },
    async (request) => ({
      version,
      authentication: tokens !== undefined,
      history: history !== undefined,
      past,
      online: lookup.online,
      scopes: await scopesOf(request, tokens),
    }),
  );
  app.get(
    "/healthz",
    {
      config: open,
      schema: {
        summary: "Whether the process answers",
        operationId: "health",
        response: { 200: z.object({ status: z.literal("ok") }), ...problems() },
      },
    },
    async () => ({ status: "ok" as const }),
  );
  app.get(
    "/readyz",
    {
      config: open,
      schema: {
        summary: "Whether it can predict and keep",
        operationId: "ready",
        response: { 200: z.object({ status: z.literal("ready") }), ...problems(503) },
      },
    },
    async () => {
      const { status, detail } = engine.state;
      if (status !== "ready")
        throw new Problem("loading", status === "loading" ? "The model is loading" : detail, {
          retryAfter: 5,
        });
      await history?.check();
      return { status };
    },
  );
  app.get(
    "/metrics",
    {
      config: { scope: "read" },
      schema: {
        summary: "Figures for Prometheus",
        operationId: "metrics",
        response: { 200: content({ "text/plain": z.string() }, "Text format"), ...problems() },
      },
    },
    async (_, reply) =>
      reply
        .type(metrics.registry.contentType)
        .serializer(String)
        .send(await metrics.registry.metrics()),
  );
  app.get(
    "/openapi.json",
    {
      config: { scope: "public" },
      schema: {
        summary: "This document",
        operationId: "document",
        response: { 200: z.record(z.string(), z.unknown()), ...problems() },
      },
    },
    async () => app.swagger() as unknown as Record<string, unknown>,
  );
}
