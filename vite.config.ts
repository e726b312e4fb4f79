import { defaultClientConditions, defineConfig } from "vite";
import { forBrowser, rdkitWithoutEval } from "./src/page/local/plugins.js";

const plugins = () => [forBrowser(), rdkitWithoutEval()];

/** The page: built into dist/page, served from there by `cladmop serve`. */
export default defineConfig({
  root: "src/page",
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: plugins(),
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: {
    format: "es",
    plugins,
    // Neither Node's nor our own modules do anything when they are loaded: what is not used of them is left out.
    rolldownOptions: {
      treeshake: {
        moduleSideEffects: (id) => !/^node:|\/src\/(?!page\/)(?!.*\.browser\.)/.test(id),
      },
    },
  },
  // ECharts, which comes with the first chart, has half a megabyte.
  build: {
    outDir: "../../dist/page",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 600,
  },
});
