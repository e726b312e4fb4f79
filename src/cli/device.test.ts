import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("./main.js", import.meta.url));
const trials = fileURLToPath(new URL("../../examples/trials.json", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cladmop-device-"));
after(() => rmSync(folder, { recursive: true }));

/** Asserts that a command is refused for a reason, on a machine whose drivers Vulkan does not find. */
function refused(reason: RegExp, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...process.env, VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" },
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout], [2, ""], stderr);
  assert.match(stderr.trimEnd().split("\n").at(-1)!, reason);
}

const onLinux = process.platform === "linux" && process.arch === "x64";

test("a device that is not there is an error, never the CPU instead", { skip: !onLinux }, () => {
  const noCard = /"--device": no Vulkan adapter .* Install libvulkan1 .* or use --device cpu/;
  const noCuda = /"--device": .*libonnxruntime_providers_cuda.so .* or use --device cpu/;
  refused(noCard, "predict", trials, "--device", "webgpu");
  refused(noCuda, "predict", trials, "--device", "cuda");
  const encoder = ["--encoder", "nowhere"];
  refused(noCard, "encode", trials, ...encoder, "--device", "webgpu");
  refused(noCuda, "encode", trials, ...encoder, "--device", "cuda");
  writeFileSync(join(folder, "texts.ndjson"), "");
  refused(noCuda, "train", "language", "texts.ndjson", "--out", "run", "--device", "cuda");
});

test("cells that run at once cannot share a card by WebGPU", () => {
  refused(/"--jobs": two threads .* Give --jobs 1/, "benchmark", "g.yaml", "--device", "webgpu");
});
