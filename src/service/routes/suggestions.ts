import { z } from "zod";
import { InputError } from "../../base/error.js";
import { ConditionSuggestion, DrugSuggestion } from "../../serving/answer.js";
import type { App, Context } from "../context.js";
import { content, problems } from "../openapi.js";
import { wrongField } from "../problem.js";
import { deadline, goneSignal } from "../signal.js";

const Query = z.strictObject({
  q: z.string().trim().max(200).describe("What was typed"),
  count: z.coerce.number().int().min(1).max(50).default(10),
});
const SVG = "image/svg+xml";

/** What a form offers while one types. */
export function addSuggestions(app: App, { engine, limits }: Context): void {
  app.get(
    "/v1/drugs",
    {
      config: { scope: "read" },
      schema: {
        summary: "Drugs whose names are like what was typed",
        operationId: "suggestDrugs",
        querystring: Query,
        response: {
          200: z.object({ suggestions: z.array(DrugSuggestion) }),
          ...problems(503),
        },
      },
    },
    async ({ query: { q, count } }, reply) => ({
      suggestions: await engine.suggestDrugs(q, count, {
        signal: deadline(goneSignal(reply), limits.answer),
      }),
    }),
  );
  app.get(
    "/v1/conditions",
    {
      config: { scope: "read" },
      schema: {
        summary: "Conditions whose terms or ICD-10-CM codes are like what was typed",
        operationId: "suggestConditions",
        querystring: Query,
        response: {
          200: z.object({ suggestions: z.array(ConditionSuggestion) }),
          ...problems(503),
        },
      },
    },
    async ({ query: { q, count } }, reply) => ({
      suggestions: await engine.suggestConditions(q, count, {
        signal: deadline(goneSignal(reply), limits.answer),
      }),
    }),
  );
  app.get(
    "/v1/structures",
    {
      config: { scope: "read" },
      schema: {
        summary: "A molecule, drawn",
        operationId: "structure",
        querystring: z.strictObject({ smiles: z.string().min(1).max(2000) }),
        response: { 200: content({ [SVG]: z.string() }, "A drawing"), ...problems(503) },
      },
    },
    async ({ query: { smiles } }, reply) => {
      const signal = deadline(goneSignal(reply), limits.answer);
      const svg = await engine.structure(smiles, { signal }).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        throw wrongField("?smiles", error.problem);
      });
      return reply.type(SVG).serializer(String).send(svg);
    },
  );
}
