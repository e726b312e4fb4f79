import type { MainModule, Mol } from "@rdkit/rdkit";
import { InputError } from "../base/error.js";
import { LAYOUT, plainDrawing, refuseLarge } from "./drawing.js";
import { loadRdkit } from "./rdkit.js";

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
 * Every function throws InputError, naming the SMILES, if RDKit rejects it.
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

let loading: Promise<Chemistry> | undefined;

/** Loads RDKit (7 MB of WebAssembly, about 0.15 s) on the first call, once a process. */
export function loadChemistry(): Promise<Chemistry> {
  loading ??= loadRdkit().then(chemistryOf);
  return loading;
}

function chemistryOf(module: MainModule): Chemistry {
  module.disable_logging(); // RDKit would print its own message beside our error

  /** Runs `use` on the whole molecule; RDKit's objects lie outside the collected heap. */
  function withWhole<T>(smiles: string, use: (molecule: Mol) => T): T {
    const whole = module.get_mol(smiles);
    if (whole === null || whole.get_num_atoms() === 0) {
      whole?.delete();
      throw new InputError(`RDKit rejects the SMILES "${smiles}"`, {
        remedy: "Correct it or leave the drug out",
      });
    }
    try {
      return use(whole);
    } finally {
      whole.delete();
    }
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
