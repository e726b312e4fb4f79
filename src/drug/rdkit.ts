import rdkit, { type MainModule } from "@rdkit/rdkit";

/** Loads RDKit's WebAssembly. In a browser rdkit.browser.ts stands for this. */
export const loadRdkit = (): Promise<MainModule> => rdkit.default();
