import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { Lines } from "./lines.js";
import { bodyProblem, parameterProblem } from "./problem.js";

/** Checks a part of a request by its schema: every wrong field is named. Lines are checked one by one. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    if (data instanceof Lines) return { value: data };
    const checked = schema.safeParse(data);
    if (checked.success) return { value: checked.data };
    const { issues } = checked.error;
    if (httpPart === "body") return { error: bodyProblem(issues) };
    return { error: parameterProblem(issues, httpPart === "querystring" ? "?" : "") };
  };
