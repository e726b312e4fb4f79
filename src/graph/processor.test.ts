import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cpu, deviceError } from "./processor.js";
import { requireLibraries } from "./runtime.js";
import { testOnWebGpu, withoutWebGpu } from "./test-device.js";

test("what onnxruntime lacks for a device is named", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-libraries-"));
  t.after(() => rmSync(folder, { recursive: true }));
  requireLibraries("cpu", folder);
  if (process.platform !== "linux" || process.arch !== "x64") {
    assert.throws(() => requireLibraries("cuda", folder), /does not run on cuda/);
    return;
  }
  requireLibraries("webgpu", folder);
  const libraries = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];
  for (const [i, library] of libraries.entries()) {
    const missing = libraries.slice(i).join(" and ");
    assert.throws(() => requireLibraries("cuda", folder), {
      name: "InputError",
      message:
        `field "--device": ${missing} of CUDA is not in ${folder}. Copy it there from NuGet's package ` +
        "Microsoft.ML.OnnxRuntime.Gpu.Linux of onnxruntime-node's version, and install CUDA 12 and cuDNN, " +
        "or use --device cpu",
    });
    writeFileSync(join(folder, library), "");
  }
  requireLibraries("cuda", folder);
});

test("what a device lacks is told from other errors", () => {
  const of = (message: string, device: "cpu" | "webgpu" | "cuda") =>
    (deviceError(new Error(message), { ...cpu(1), device }) as Error).message;
  const noAdapter = "Failed to get a WebGPU adapter: No supported adapters\n";
  assert.equal(
    of(noAdapter, "webgpu"),
    'field "--device": no Vulkan adapter for WebGPU was found. Install libvulkan1 and the Vulkan driver of ' +
      "the card's maker, or use --device cpu",
  );
  assert.match(
    of("Failed to load shared library", "cuda"),
    /^field "--device": CUDA does not start/,
  );
  assert.equal(of("Failed to load shared library", "webgpu"), "Failed to load shared library");
  assert.equal(of(noAdapter, "cpu"), noAdapter);
});

test("every operation runs on WebGPU, and nothing of it on the CPU", {
  skip: withoutWebGpu,
}, () => {
  const { code, said } = testOnWebGpu(new URL("operations.test.js", import.meta.url));
  assert.equal(code, 0, said);
  assert.match(said, /crossEntropy: gradients/);
});
