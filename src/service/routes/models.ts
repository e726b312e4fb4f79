import { createReadStream } from "node:fs";
import { z } from "zod";
import { ModelInfo } from "../../serving/answer.js";
import type { App, Context } from "../context.js";
import { content, problems } from "../openapi.js";
import { Problem } from "../problem.js";

const BYTES = "application/octet-stream";
const YEAR = 31_536_000;

const FILE_NAME = 'With a slash after its folder: "encoder/config.json"';

const ServedModel = ModelInfo.extend({
  files: z.array(
    z.object({
      name: z.string().describe(FILE_NAME),
      bytes: z.int(),
      sha256: z.string(),
    }),
  ),
}).meta({ id: "Model" });

/** The model: what is known of it, and its files for a browser that runs it. */
export function addModels(app: App, { model, modelFiles }: Context): void {
  app.get(
    "/v1/models",
    {
      config: { scope: "read" },
      schema: {
        summary: "The models that are served: one",
        operationId: "models",
        response: { 200: z.object({ models: z.array(ServedModel) }), ...problems() },
      },
    },
    async () => ({ models: [{ ...model, files: [...modelFiles] }] }),
  );
  app.get(
    "/v1/models/:sha256/files",
    {
      config: { scope: "read" },
      schema: {
        summary: "A file of a model, as /v1/models lists them",
        operationId: "modelFile",
        params: z.object({ sha256: z.string() }),
        querystring: z.strictObject({ name: z.string().max(300).describe(FILE_NAME) }),
        response: { 200: content({ [BYTES]: z.unknown() }, "The file"), ...problems(404) },
      },
    },
    async ({ params, query }, reply) => {
      // A name on the list, not a path: what is asked for never reaches the file system.
      const file = modelFiles.find(({ name }) => name === query.name);
      if (file === undefined || params.sha256 !== model.sha256)
        throw new Problem("not-found", "There is no such file");
      return reply
        .type(BYTES)
        .header("content-length", file.bytes)
        .header("cache-control", `private, max-age=${YEAR}, immutable`)
        .send(createReadStream(file.path));
    },
  );
}
