import { z } from "zod";
import { InputError } from "../../base/error.js";
import {
  type History,
  HistoryEntry,
  HistoryFault,
  HistoryRow,
  LabelInput,
  MOST_ROWS,
  Performance,
} from "../../history/index.js";
import { PHASES } from "../../trial/index.js";
import type { App, Context } from "../context.js";
import { problems } from "../openapi.js";
import { Problem, wrongField } from "../problem.js";

const Query = z.strictObject({
  q: z
    .string()
    .trim()
    .max(300)
    .optional()
    .describe("Occurs in title, NCT id, conditions, drugs or criteria"),
  phase: z.enum(PHASES).optional(),
  label: z.enum(["0", "1", "none"]).optional().describe("none: nothing was said yet"),
  since: z.iso.datetime({ offset: true }).optional(),
  model: z.string().max(100).optional().describe("Its SHA-256"),
  count: z.coerce.number().int().min(1).max(MOST_ROWS).default(50).describe("Predictions at most"),
  cursor: z.string().max(500).optional().describe("next of the page before"),
});
const LABEL = { 0: 0, 1: 1 } as const;
const Params = z.object({ id: z.uuid() });
const Page = z
  .object({ predictions: z.array(HistoryRow), next: z.string().nullable() })
  .meta({ id: "HistoryPage" });

/** Kept predictions, their labels, and how they did. */
export function addHistory(app: App, { history }: Context): void {
  const kept = (): History => {
    if (history !== undefined) return history;
    throw new Problem("no-history", "This server keeps no history");
  };
  const found = <T>(value: T | undefined): T => {
    if (value !== undefined) return value;
    throw new Problem("not-found", "There is no such prediction");
  };

  app.get(
    "/v1/predictions",
    {
      config: { scope: "read" },
      schema: {
        summary: "Kept predictions, newest first",
        operationId: "predictions",
        querystring: Query,
        response: { 200: Page, ...problems(404, 503) },
      },
    },
    async ({ query: { q, label, count, ...query } }) => {
      const search = {
        ...query,
        limit: count,
        text: q || undefined,
        ...(label === "none" ? { labelled: false } : label && { label: LABEL[label] }),
      };
      try {
        const { rows, next } = await kept().search(search);
        return { predictions: rows, next };
      } catch (error) {
        if (!(error instanceof InputError) || error instanceof HistoryFault) throw error;
        throw wrongField(`?${error.location.field ?? "cursor"}`, error.problem);
      }
    },
  );
  app.get(
    "/v1/predictions/:id",
    {
      config: { scope: "read" },
      schema: {
        summary: "A kept prediction whole",
        operationId: "prediction",
        params: Params,
        response: { 200: HistoryEntry, ...problems(404, 503) },
      },
    },
    async ({ params }) => found(await kept().get(params.id)),
  );
  app.put(
    "/v1/predictions/:id/label",
    {
      config: { scope: "write" },
      schema: {
        summary: "Say what became of the trial",
        operationId: "label",
        params: Params,
        body: LabelInput,
        response: { 200: HistoryRow, ...problems(404, 413, 415, 503) },
      },
    },
    async ({ params, body }) => found(await kept().setLabel(params.id, body)),
  );
  app.delete(
    "/v1/predictions/:id",
    {
      config: { scope: "write" },
      schema: {
        summary: "Delete a kept prediction with all that was said of it",
        operationId: "remove",
        params: Params,
        response: { 204: z.undefined(), ...problems(404, 503) },
      },
    },
    async ({ params }, reply) => {
      found((await kept().remove(params.id)) || undefined);
      return reply.code(204).send(undefined);
    },
  );
  app.get(
    "/v1/performance",
    {
      config: { scope: "read" },
      schema: {
        summary: "How past predictions did, of trials whose outcome is known by now",
        operationId: "performance",
        querystring: z.strictObject({
          model: z.string().max(100).optional().describe("Its SHA-256"),
        }),
        response: { 200: Performance, ...problems(404, 503) },
      },
    },
    async ({ query }) => kept().performance(query),
  );
}
