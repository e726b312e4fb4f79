import { z } from "zod";
import { FoundTrial, Neighbour } from "../../serving/answer.js";
import { Draft, trialOf } from "../../trial/index.js";
import type { App, Context } from "../context.js";
import { problems } from "../openapi.js";
import { Problem } from "../problem.js";
import { draftFor, draftOfStudy, lookedUp, NctId, Question, StudyBody } from "../question.js";
import { deadline, goneSignal } from "../signal.js";

const Count = z.strictObject({
  count: z.coerce.number().int().min(1).max(50).default(10).describe("Trials at most"),
});
const Params = z.object({ nctId: NctId });
const Neighbours = z.object({ neighbours: z.array(Neighbour) }).meta({ id: "Neighbours" });

/** Registered trials: look-up, records, and the past ones most like a trial. */
export function addTrials(app: App, context: Context): void {
  const { engine, limits, lookup, past } = context;

  async function similar(draft: Draft, count: number, signal: AbortSignal) {
    if (!past)
      throw new Problem(
        "no-past-trials",
        "This server has no index of past trials. Make one with cladmop index, and name it with --past",
      );
    return { neighbours: await engine.similar(trialOf(draft), count, { signal }) };
  }

  app.post(
    "/v1/similar",
    {
      config: { scope: "read" },
      schema: {
        summary: "The past trials most like a trial, with their outcomes",
        operationId: "similar",
        querystring: Count,
        body: Question,
        response: { 200: Neighbours, ...problems(404, 413, 415, 502, 503) },
      },
    },
    async ({ body, query }, reply) => {
      const signal = deadline(goneSignal(reply), limits.answer);
      return similar(await draftFor(body, context, signal), query.count, signal);
    },
  );

  app.get(
    "/v1/trials/:nctId/similar",
    {
      config: { scope: "read" },
      schema: {
        summary: "The past trials most like a registered one, with their outcomes",
        operationId: "similarToRegistered",
        querystring: Count,
        params: Params,
        response: { 200: Neighbours, ...problems(404, 502, 503) },
      },
    },
    async ({ params, query }, reply) => {
      const signal = deadline(goneSignal(reply), limits.answer);
      const { draft } = await lookedUp(params.nctId, lookup, signal);
      return similar(draft, query.count, signal);
    },
  );

  app.get(
    "/v1/trials/:nctId",
    {
      config: { scope: "read" },
      schema: {
        summary: "A registered trial, from this server's files or from the registry",
        operationId: "trial",
        params: Params,
        response: { 200: FoundTrial, ...problems(404, 502, 503) },
      },
    },
    async ({ params }, reply) => {
      const signal = deadline(goneSignal(reply), limits.answer);
      return lookedUp(params.nctId, lookup, signal);
    },
  );

  app.post(
    "/v1/drafts",
    {
      config: { scope: "read" },
      schema: {
        summary: "A registry's record as a draft, which can be edited",
        operationId: "draft",
        body: StudyBody,
        response: { 200: z.object({ draft: Draft }), ...problems(413, 415) },
      },
    },
    async ({ body }) => ({ draft: draftOfStudy(body.study, "/study") }),
  );
}
