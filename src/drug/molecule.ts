import type { MainModule, Mol } from "@rdkit/rdkit";
import { InputError, messageOf } from "../base/error.js";
import { LAYOUT, plainDrawing, refuseLarge } from "./drawing.js";
import { loadRdkit } from "./rdkit.js";
import { refuseOversized, shortened } from "./size.js";

/** Length of {@link Chemistry.fingerprint}. */
export const FINGERPRINT_BITS = 2048;

const MORGAN = JSON.stringify({ radius: 2, nBits: FINGERPRINT_BITS });

/** RDKit's names of the {@link Chemistry.descriptors}, in their order. */
export const DESCRIPTORS = [
  "amw",
  "CrippenClogP",
  "tpsa",
  "lipinskiHBD",
  "lipinskiHBA",
  "NumRotatableBonds",
  "NumRings",
  "NumAromaticRings",
  "FractionCSP3",
  "NumHeavyAtoms",
  "NumHeteroatoms",
  "NumAtomStereoCenters",
] as const;

/**
 * What is computed from a SMILES. Of several components ("CC(=O)[O-].[Na+]") the one with the most
 * heavy atoms counts, the first of equals: a drug and its salts are one molecule.
 * Every function throws InputError, naming the SMILES, if it is too large for RDKit, or RDKit rejects it or fails on
 * it. Once it failed, all throw an Error until {@link loadChemistry} resolves again.
 */
export interface Chemistry {
  /** Canonical SMILES of the largest component. */
  canonical(smiles: string): string;
  /** Morgan fingerprint of radius 2 (Rogers & Hahn 2010, ECFP4): 2048 values of 0 or 1. */
  fingerprint(smiles: string): Uint8Array;
  /** The values named by {@link DESCRIPTORS}, unscaled. */
  descriptors(smiles: string): number[];
  /**
   * The structural formula, of all components, as SVG in the colour of the text around it.
   * @throws InputError, too, for a molecule that is too large to be drawn
   */
  drawing(smiles: string): string;
}

/** Loads RDKit (7 MB of WebAssembly, about 0.15 s) on the first call, once a process, and anew where it failed. */
export const loadChemistry = renewable(loadRdkit);

/** As {@link loadChemistry}, of an RDKit that is loaded so. */
export function renewable(load: () => Promise<MainModule>): () => Promise<Chemistry> {
  let rdkit: MainModule | undefined;
  let loading: Promise<Chemistry> | undefined;
  const chemistry = chemistryOf(withRdkit);

  function ready(): Promise<Chemistry> {
    loading ??= load().then(
      (loaded) => {
        loaded.disable_logging(); // RDKit would print its own message beside our error
        rdkit = loaded;
        return chemistry;
      },
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  }

  /** After a trap or an overflow its memory may hold anything, so it is not used again. */
  function withRdkit<T>(smiles: string, use: (module: MainModule) => T): T {
    if (!rdkit) throw new Error("RDKit failed a moment ago and is being loaded anew");
    try {
      return use(rdkit);
    } catch (error) {
      if (error instanceof InputError) throw error;
      rdkit = loading = undefined;
      ready().catch(() => {}); // whoever asks next tries again
      throw new InputError(
        `RDKit fails on the SMILES "${shortened(smiles)}": ${messageOf(error)}`,
        {
          remedy: "Correct it or leave the drug out",
        },
      );
    }
  }
  return ready;
}

function chemistryOf(
  withRdkit: <T>(smiles: string, use: (module: MainModule) => T) => T,
): Chemistry {
  /** Runs `use` on the whole molecule; RDKit's objects lie outside the collected heap. */
  function withWhole<T>(smiles: string, use: (molecule: Mol) => T): T {
    refuseOversized(smiles);
    return withRdkit(smiles, (module) => {
      const whole = module.get_mol(smiles);
      if (whole === null || whole.get_num_atoms() === 0) {
        whole?.delete();
        throw new InputError(`RDKit rejects the SMILES "${shortened(smiles)}"`, {
          remedy: "Correct it or leave the drug out",
        });
      }
      try {
        return use(whole);
      } finally {
        whole.delete();
      }
    });
  }
  const withMolecule = <T>(smiles: string, use: (molecule: Mol) => T): T =>
    withWhole(smiles, (whole) => (smiles.includes(".") ? withLargest(whole, use) : use(whole)));

  return {
    canonical: (smiles) => withMolecule(smiles, (molecule) => molecule.get_smiles()),
    fingerprint: (smiles) =>
      withMolecule(smiles, (molecule) =>
        unpackBits(molecule.get_morgan_fp_as_uint8array(MORGAN) as Uint8Array),
      ),
    descriptors: (smiles) =>
      withMolecule(smiles, (molecule) => {
        const all = JSON.parse(molecule.get_descriptors()) as Record<string, number>;
        return DESCRIPTORS.map((name) => all[name]!);
      }),
    drawing: (smiles) =>
      withWhole(smiles, (molecule) => {
        refuseLarge(molecule.get_num_atoms(true));
        return plainDrawing(molecule.get_svg_with_highlights(JSON.stringify(LAYOUT)));
      }),
  };
}

function withLargest<T>(whole: Mol, use: (molecule: Mol) => T): T {
  const { molList } = whole.get_frags() as {
    molList: { size(): number; at(index: number): Mol; delete(): void };
  };
  const fragments = Array.from({ length: molList.size() }, (_, index) => molList.at(index));
  try {
    return use(
      fragments.reduce((best, next) =>
        next.get_num_atoms(true) > best.get_num_atoms(true) ? next : best,
      ),
    );
  } finally {
    for (const fragment of fragments) fragment.delete();
    molList.delete();
  }
}

/** Bit i of a fingerprint is bit i % 8, lowest first, of byte i / 8. */
function unpackBits(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(
    { length: bytes.length * 8 },
    (_, bit) => (bytes[bit >> 3]! >> (bit & 7)) & 1,
  );
}
