import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { listSupportedBackends } from "onnxruntime-node";
import { InputError, messageOf } from "../base/error.js";

/** The cores of the machine; or a graphics card, by WebGPU over Vulkan or by CUDA. */
export const DEVICES = ["cpu", "webgpu", "cuda"] as const;
export type Device = (typeof DEVICES)[number];

/** What runs a graph. */
export interface Processor {
  readonly device: Device;
  /** Cores for each operation on the CPU. */
  readonly threads: number;
}

/** So many cores of the machine. */
export const cpu = (threads: number): Processor => ({ device: "cpu", threads });

/** What onnxruntime-node loads for CUDA, and does not bring. */
const CUDA = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];
const OTHERWISE = "or use --device cpu";

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

/** An error of onnxruntime's that says what a device lacks, as one for the user; others as they are. */
export function deviceError(error: unknown, { device }: Processor): unknown {
  const message = messageOf(error).trim();
  if (device === "webgpu" && message.includes("Failed to get a WebGPU adapter"))
    return new InputError("no Vulkan adapter for WebGPU was found", {
      field: "--device",
      remedy: `Install libvulkan1 and the Vulkan driver of the card's maker, ${OTHERWISE}`,
    });
  if (device === "cuda" && /shared library|CUDA (error|failure)|no CUDA-capable/i.test(message))
    return new InputError(`CUDA does not start: ${message}`, {
      field: "--device",
      remedy: `Install the card's driver, CUDA 12 and cuDNN, ${OTHERWISE}`,
    });
  if (device !== "cpu" && message.includes("fallback to CPU EP"))
    return new Error(`an operation of the graph does not run on ${device}, see docs/gpu.md`);
  return error;
}

function libraryFolder(): string {
  const main = createRequire(import.meta.url).resolve("onnxruntime-node"); // dist/index.js
  return join(dirname(main), "..", "bin", "napi-v6", process.platform, process.arch);
}
