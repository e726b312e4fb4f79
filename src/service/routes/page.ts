import { existsSync } from "node:fs";
import fixedFiles from "@fastify/static";
import type { App, Context } from "../context.js";

/** The page: the files that lie in its folder when the service starts, and no others. */
export async function addPage(app: App, { page }: Context): Promise<void> {
  if (!existsSync(page)) return;
  app.addHook("onRoute", (route) => {
    route.config = { ...route.config, scope: "public" };
    route.schema = { ...route.schema, hide: true };
  });
  await app.register(fixedFiles, {
    root: page,
    wildcard: false,
    setHeaders(reply, path) {
      // Names of built files hold their hash.
      const forever = path.includes("/assets/");
      reply.setHeader(
        "cache-control",
        forever ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
}
