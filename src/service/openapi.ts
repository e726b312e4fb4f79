import swagger from "@fastify/swagger";
import type { FastifyContextConfig } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { z } from "zod";
import { SCOPES } from "../history/index.js";
import type { App, Context } from "./context.js";
import { PROBLEM_TYPE, ProblemDetails } from "./problem.js";

const DESCRIPTION = `\
Predicts whether a clinical trial will succeed, before it starts. Errors are problem details (RFC 9457); \
those of fields name every wrong one. Where the server asks for tokens, send one as Authorization: Bearer. A token \
has scopes: read for what changes nothing, write for what adds to the history or changes it.`;

/** Makes the OpenAPI document of the routes that are added afterwards. */
export async function describeApi(
  app: App,
  { version, tokens }: Pick<Context, "version" | "tokens">,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "cladmop", version, description: DESCRIPTION },
      components: {
        securitySchemes: {
          token: {
            type: "http",
            scheme: "bearer",
            description: "A token with the scope that the operation names: read, or write",
          },
        },
      },
    },
    convertConstToEnum: false,
    transform: ((input: RouteInput) => {
      const { schema, url } = jsonSchemaTransform(input as never);
      const security = securityOf(input.route.config?.scope, tokens !== undefined);
      return { schema: { ...schema, security }, url };
    }) as never,
    transformObject: ((input: never) => withoutUnused(jsonSchemaTransformObject(input))) as never,
  });
}

interface RouteInput {
  readonly route: { readonly config?: FastifyContextConfig };
}

/** What an operation asks for: one of these. */
function securityOf(scope: FastifyContextConfig["scope"], asked: boolean): object[] {
  if (scope === "public") return [];
  const scopes = typeof scope === "function" ? SCOPES : [scope ?? "write"];
  return [...(asked ? [] : [{}]), ...scopes.map((one) => ({ token: [one] }))];
}

/** Every schema comes as input and as output; those that no route uses go. */
function withoutUnused<T extends object>(document: T): T {
  const { components, ...rest } = document as unknown as {
    components: { schemas: Record<string, unknown> };
  };
  const used = new Set<string>();
  const follow = (part: unknown) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name!)) continue;
      used.add(name!);
      follow(components.schemas[name!]);
    }
  };
  follow(rest);
  const schemas = Object.fromEntries(
    Object.entries(components.schemas).filter(([name]) => used.has(name)),
  );
  return { ...rest, components: { ...components, schemas } } as unknown as T;
}

/** An answer's content other than plain JSON. */
export const content = (types: Readonly<Record<string, z.ZodType>>, description: string) => ({
  description,
  content: Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }])),
});

/** What every route may answer with instead, and these. */
export const problems = <Status extends number>(...statuses: Status[]) =>
  Object.fromEntries(
    [...new Set<number>([400, 401, 403, 421, 429, 500, ...statuses])].map((status) => [
      status,
      content({ [PROBLEM_TYPE]: ProblemDetails }, WORDS[status]!),
    ]),
  ) as Record<Status, ReturnType<typeof content>>;

const WORDS: Readonly<Record<number, string>> = {
  400: "A field or parameter is wrong: errors names each",
  401: "No valid token",
  403: "The token does not allow it",
  404: "There is no such thing",
  413: "Too large",
  415: "Not a content type that is taken",
  421: "A host name that this server does not have",
  429: "Too many requests",
  500: "A fault of the service",
  502: "The registry cannot be reached",
  503: "Too busy, still loading, or without its database: try again after Retry-After",
};
