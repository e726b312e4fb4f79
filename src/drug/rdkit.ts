import rdkit, { type MainModule } from "@rdkit/rdkit";

/** Of a CommonJS module Node gives all exports for the default one, whatever a compiler that bundles makes of it. */
const { default: load } = rdkit as unknown as { default(): Promise<MainModule> };

/** Loads RDKit's WebAssembly. In a browser rdkit.browser.ts stands for this. */
export const loadRdkit = (): Promise<MainModule> => load();
