import glue from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { env, InferenceSession, Tensor as Value } from "onnxruntime-web/wasm";
import type * as node from "./runtime.js";

// What stands for runtime.ts in a browser: onnxruntime-web's WebAssembly on the processor, from our own server.

export { InferenceSession, Value };

env.wasm.wasmPaths = {
  mjs: new URL(glue, import.meta.url).href,
  wasm: new URL(wasm, import.meta.url).href,
};
// Threads are left to the runtime: half the cores, at most 4, in a page that is isolated from other origins, as no other
// may share memory among threads. All sessions share them.

/** There is nothing but the processor, and it needs no library. */
export const requireLibraries: typeof node.requireLibraries = () => {};

/** WebAssembly's products of bytes are added in 32 bits. */
export const saturates: typeof node.saturates = () => false;
