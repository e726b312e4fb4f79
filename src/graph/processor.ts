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

/** The remedy where a device cannot be had. */
export const OTHERWISE = "or use --device cpu";

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
