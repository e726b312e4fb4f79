import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { InferenceSession, listSupportedBackends, Tensor as Value } from "onnxruntime-node";
import { InputError } from "../base/error.js";
import { type Device, OTHERWISE } from "./processor.js";

// The ONNX runtime that runs the graphs, and what it needs of a machine. In a browser runtime.browser.ts stands for it.

export { InferenceSession, Value };

/** What onnxruntime-node loads for CUDA, and does not bring. */
const CUDA = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];

/**
 * A look before long work; whatever else a device lacks, its first session tells.
 * @param folder where onnxruntime's own libraries are
 * @throws InputError naming what onnxruntime lacks for the device, and where it comes from
 */
export function requireLibraries(device: Device, folder = libraryFolder()): void {
  if (!listSupportedBackends().some(({ name }) => name === device))
    throw new InputError(
      `onnxruntime for ${process.platform} on ${process.arch} does not run on ${device}`,
      { field: "--device", remedy: `Use Linux on x64, ${OTHERWISE}` },
    );
  const missing = device === "cuda" ? CUDA.filter((name) => !existsSync(join(folder, name))) : [];
  if (missing.length > 0)
    throw new InputError(`${missing.join(" and ")} of CUDA is not in ${folder}`, {
      field: "--device",
      remedy:
        "Copy it there from NuGet's package Microsoft.ML.OnnxRuntime.Gpu.Linux of onnxruntime-node's version, " +
        `and install CUDA 12 and cuDNN, ${OTHERWISE}`,
    });
}

function libraryFolder(): string {
  const main = createRequire(import.meta.url).resolve("onnxruntime-node"); // dist/index.js
  return join(dirname(main), "..", "bin", "napi-v6", process.platform, process.arch);
}

/**
 * Whether products of unsigned and signed bytes saturate: ONNX Runtime's fast kernels for x64 without VNNI add
 * pairs of them in 16 bits. Those of two unsigned bytes do not, but are slower where there is VNNI. (Its own
 * remedy, session.x64quantprecision, is for constants alone.)
 */
export function saturates(): boolean {
  if (process.arch !== "x64") return false;
  vnni ??= existsSync("/proc/cpuinfo") && /_vnni\b/.test(readFileSync("/proc/cpuinfo", "latin1"));
  return !vnni;
}
/** Whether this processor has VNNI, once that was asked. */
let vnni: boolean | undefined;
