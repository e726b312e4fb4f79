import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { tryParseJson } from "../../base/json.js";
import { ModelVersion } from "../../history/index.js";
import { Prediction } from "../../serving/answer.js";
import { type Draft, trialOf } from "../../trial/index.js";
import type { App, Context } from "../context.js";
import { problemOf } from "../errors.js";
import { inOrder, LINES_TYPE, Lines, takeLines } from "../lines.js";
import { content, problems } from "../openapi.js";
import { bodyProblem, Problem, ProblemDetails, wrongField } from "../problem.js";
import { draftFor, Question } from "../question.js";
import { deadline, goneSignal } from "../signal.js";
import { TooMany } from "../waiting.js";

/** An answered question. */
const Predicted = z
  .object({
    id: z.uuid().nullable().describe("In the history; null: it was not kept"),
    createdAt: z.iso.datetime(),
    model: ModelVersion,
    prediction: Prediction,
  })
  .meta({ id: "Predicted" });
type Predicted = z.infer<typeof Predicted>;

const LineProblem = z
  .object({
    index: z.int().describe("Of the question, from 0; empty lines are none"),
    problem: ProblemDetails,
  })
  .meta({ id: "LineProblem" });
type LineProblem = z.infer<typeof LineProblem>;

/** Milliseconds until a line asks again for room. */
const PAUSE = 100;
/** Lines of one stream that are computed at a time. */
const AHEAD = 16;

const Query = z.strictObject({
  keep: z.enum(["true", "false"]).default("true").describe("Whether the history keeps it"),
});

/** A trial that was predicted, not kept yet. */
interface Fresh {
  readonly draft: Draft;
  readonly prediction: Prediction;
}

export function addPredictions(app: App, context: Context): void {
  const { engine, history, limits, metrics } = context;
  const { name, sha256 } = context.model;
  const model: ModelVersion = { name, sha256 };
  takeLines(app, limits);

  async function predict(question: Question, gone: AbortSignal, bulk: boolean): Promise<Fresh> {
    const signal = deadline(gone, bulk ? limits.stream : limits.answer);
    const draft = await draftFor(question, context, signal);
    for (;;)
      try {
        const [prediction] = await engine.predict([trialOf(draft)], { signal, bulk });
        return { draft, prediction: prediction! };
      } catch (error) {
        // A line holds its stream until there is room.
        if (!bulk || !(error instanceof TooMany)) throw error;
        await sleep(PAUSE, undefined, { signal });
      }
  }

  /** Keeps predictions, where they are to be kept, before they are answered. */
  async function keep(fresh: readonly Fresh[], kept: boolean): Promise<Predicted[]> {
    const now = new Date().toISOString();
    const receipts =
      kept && history && fresh.length > 0
        ? await history.addMany(fresh.map((one) => ({ ...one, model })))
        : fresh.map(() => ({ id: null, createdAt: now }));
    metrics.predicted(fresh.length);
    return fresh.map(({ prediction }, i) => ({ ...receipts[i]!, model, prediction }));
  }

  /** A line's question. */
  function readLine(line: string | Problem): Question {
    if (line instanceof Problem) throw line;
    const value = tryParseJson(line);
    if (value === undefined) throw wrongField("", "Is malformed JSON");
    const question = Question.safeParse(value);
    if (question.success) return question.data;
    throw bodyProblem(question.error.issues);
  }

  async function* answerLines(lines: Lines, kept: boolean, gone: AbortSignal) {
    const compute = async (line: string | Problem): Promise<Fresh | Problem> => {
      try {
        return await predict(readLine(line), gone, true);
      } catch (error) {
        return problemOf(error);
      }
    };
    let index = 0;
    for await (const done of inOrder(lines.read(), compute, AHEAD)) {
      const first = index;
      index += done.length;
      const fresh = done.filter((one): one is Fresh => !(one instanceof Problem));
      let answers: (Predicted | Problem)[];
      try {
        answers = await keep(fresh, kept);
      } catch (error) {
        answers = fresh.map(() => problemOf(error));
      }
      let next = 0;
      yield done
        .map((one) => (one instanceof Problem ? one : answers[next++]!))
        .map((one, i): Predicted | LineProblem =>
          one instanceof Problem ? { index: first + i, problem: one.details() } : one,
        )
        .map((one) => `${JSON.stringify(one)}\n`)
        .join("");
    }
  }

  app.post(
    "/v1/predictions",
    {
      config: {
        scope: (request) =>
          (request.query as { keep?: unknown }).keep === "false" ? "read" : "write",
      },
      schema: {
        summary: "Predict the outcome of a trial, or of many",
        description:
          "With keep=false a token's scope read is enough; else it is write. Of many as NDJSON, a question a line: they are answered in order, a line each; a line that cannot be answered has its problem in its place. Read the answer while you send: what is not read stops the stream.",
        operationId: "predict",
        consumes: ["application/json", LINES_TYPE],
        querystring: Query,
        body: Question,
        response: {
          200: content(
            { "application/json": Predicted, [LINES_TYPE]: z.union([Predicted, LineProblem]) },
            "P(success) with its interval, and what the model read; as NDJSON a line for each",
          ),
          ...problems(404, 413, 415, 502, 503),
        },
      },
    },
    async (request, reply) => {
      const kept = request.query.keep === "true";
      const gone = goneSignal(reply);
      const body = request.body as Question | Lines;
      if (body instanceof Lines) {
        reply.type(LINES_TYPE);
        return reply.send(Readable.from(answerLines(body, kept, gone)));
      }
      const [answer] = await keep([await predict(body, gone, false)], kept);
      return answer!;
    },
  );
}
