/**
 * What `npm test` runs after the compiler: every test of the sources, two files at a time. The last
 * line is `N passed, N failed`, with `, N skipped` where tests were skipped. The exit code is 1 if a
 * test failed or if there was none.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

// Listed from src, because dist may still hold the compiled tests of deleted sources.
const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".test.ts"))
  .sort()
  .map((path) => join(root, "dist", path.replace(/\.ts$/, ".js")));

let passed = 0;
let failed = 0;
let skipped = 0;

const tests = run({ files, concurrency: 2 });
tests.on("test:pass", ({ name, skip, details }) => {
  // Suites are not tests, nor is a file, which Node reports as one where it declares none.
  if (details.type === "suite" || files.includes(name)) return;
  if (skip === undefined) passed += 1;
  else skipped += 1;
});
tests.on("test:fail", ({ details }) => {
  if (details.type !== "suite") failed += 1;
});
const report = tests.compose(new spec());
report.pipe(process.stdout, { end: false });
await finished(report);

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
