import { defineConfig } from "vite";

/** The page: built into dist/page, served from there by `cladmop serve`. */
export default defineConfig({
  root: "src/page",
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir: "../../dist/page", emptyOutDir: true, target: "es2022" },
});
