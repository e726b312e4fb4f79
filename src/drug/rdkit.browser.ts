import rdkit from "@rdkit/rdkit";
import wasm from "@rdkit/rdkit/RDKit_minimal.wasm?url";
import type * as node from "./rdkit.js";

// What stands for rdkit.ts in a browser: RDKit's WebAssembly from our own server.

export const loadRdkit: typeof node.loadRdkit = () =>
  rdkit({ locateFile: () => new URL(wasm, import.meta.url).href });
