import { Explanation } from "../../serving/answer.js";
import { trialOf } from "../../trial/index.js";
import type { App, Context } from "../context.js";
import { problems } from "../openapi.js";
import { draftFor, EXPLAINING, Question } from "../question.js";
import { deadline, goneSignal } from "../signal.js";

export function addExplanations(app: App, context: Context): void {
  const { engine, limits } = context;
  app.post(
    "/v1/explanations",
    {
      config: { scope: "read" },
      schema: {
        summary: "Which statements, drugs and diseases pull a trial's prediction up or down",
        operationId: "explain",
        body: Question,
        response: { 200: Explanation, ...problems(404, 413, 415, 502, 503) },
      },
    },
    async ({ body }, reply) => {
      const signal = deadline(goneSignal(reply), limits.answer);
      const draft = await draftFor(body, context, signal, EXPLAINING);
      return engine.explain(trialOf(draft), { signal });
    },
  );
}
