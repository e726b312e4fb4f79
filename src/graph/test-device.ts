import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cpu, type Device, type Processor } from "./processor.js";

// Tests of WebGPU run on SwiftShader, which is Vulkan on the CPU, as Debian's chromium-common brings it; and
// in a process of their own, because what goes wrong on a device may end it.

const SWIFT_SHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const VULKAN = "/usr/lib/x86_64-linux-gnu/libvulkan.so.1";

/** Names what a test process computes on, instead of the CPU. */
const VARIABLE = "CLADMOP_TEST_DEVICE";

/** What this test process computes on. */
export const testProcessor: Processor = {
  ...cpu(1),
  ...(process.env[VARIABLE] && { device: process.env[VARIABLE] as Device }),
};

/** Why no test can run on WebGPU here, or false. */
export const withoutWebGpu: string | false =
  [SWIFT_SHADER, VULKAN].every((file) => existsSync(file)) && process.arch === "x64"
    ? false
    : "needs SwiftShader: apt-get install chromium-common libvulkan1";

/** Runs a module with tests on WebGPU. @returns its exit code, and what it said */
export function testOnWebGpu(module: URL): { code: number | null; said: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // a test process of its own
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(module)], {
    env: { ...env, VK_DRIVER_FILES: SWIFT_SHADER, [VARIABLE]: "webgpu" },
    encoding: "utf8",
  });
  return { code: status, said: stdout + stderr };
}
