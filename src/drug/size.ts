import { InputError } from "../base/error.js";

/**
 * What RDKit is given at most. It walks a molecule by recursion on a stack of 64 KB, some 114 bytes an atom of the
 * path, and writes beyond it without a word: a path of 500 atoms takes 87 % of it, one of 580 all. Its descriptors
 * take 0.7 seconds for 100 rings, but 3.6 for a clique of ten atoms and more than 12 for one of twelve; the slowest found
 * within these bounds take 4.4. The largest of some 4,300 drugs, an oligonucleotide, has 551 atoms and 69 rings.
 */
const MOST = { characters: 4000, atoms: 600, path: 500, rings: 100, dense: 2 } as const;
/** Rings that close at an atom that is not dense. Ferrocene's iron closes up to ten. */
const FEW_RINGS = 4;

/** Atoms, ring bonds, branches and dots of a SMILES: other bonds and marks say nothing of its size. */
const TOKEN = /\[[^\]]*\]|Br|Cl|[A-Za-z*]|%\(\d+\)|%\d\d|\d|[().]/g;

/** @throws InputError if a SMILES is too large for RDKit, which must not see it then */
export function refuseOversized(smiles: string): void {
  const refuse = (size: string, most: number) => {
    throw new InputError(`the molecule "${shortened(smiles)}" is too large: ${size}`, {
      remedy: `Leave it out, or give one with at most ${most}`,
    });
  };
  if (smiles.length > MOST.characters) refuse(`${smiles.length} characters`, MOST.characters);
  const { atoms, path, rings, dense } = sizeOf(smiles);
  if (atoms > MOST.atoms) refuse(`${atoms} atoms`, MOST.atoms);
  if (path > MOST.path) refuse(`${path} atoms that may lie in one path`, MOST.path);
  if (rings > MOST.rings) refuse(`${rings} rings`, MOST.rings);
  if (dense > MOST.dense)
    refuse(`${dense} atoms at which more than ${FEW_RINGS} rings close`, MOST.dense);
}

/** A SMILES as a message names it. */
export const shortened = (smiles: string): string =>
  smiles.length > 200 ? `${smiles.slice(0, 60)}…` : smiles;

/** Bounds from above, whatever the text is; a path is all atoms but those of one bond, and its two ends. */
function sizeOf(smiles: string) {
  const atoms: { bonds: number; rings: number }[] = [];
  const branches: (typeof atoms)[number][] = [];
  let last: (typeof atoms)[number] | undefined;
  let ringEnds = 0;
  for (const [token] of smiles.matchAll(TOKEN))
    if (token === ".") last = undefined;
    else if (token === "(") branches.push(last!);
    else if (token === ")") last = branches.pop();
    else if (/^[%\d]/.test(token)) {
      ringEnds++;
      if (last) {
        last.bonds++;
        last.rings++;
      }
    } else {
      if (last) last.bonds++;
      last = { bonds: last ? 1 : 0, rings: 0 };
      atoms.push(last);
    }
  return {
    atoms: atoms.length,
    path: atoms.filter(({ bonds }) => bonds > 1).length + 2,
    rings: Math.ceil(ringEnds / 2),
    dense: atoms.filter(({ rings }) => rings > FEW_RINGS).length,
  };
}
