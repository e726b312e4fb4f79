// Drugs: intervention names → molecules → numbers.
// resolveDrugs finds the molecules of a trial by name in a vocabulary; loadChemistry gives their
// fingerprints and descriptors; readApproved serves the choice of pre-training trials only.
export { type ApprovedDrugs, readApproved } from "./approved.js";
export { type Chemistry, DESCRIPTORS, FINGERPRINT_BITS, loadChemistry } from "./molecule.js";
export { fold, nameKey } from "./name.js";
export { type ResolvedDrugs, type ResolvedMolecule, resolveDrugs } from "./resolve.js";
export {
  joinVocabularies,
  type NamedDrug,
  readVocabulary,
  SHIPPED_VOCABULARY,
  type Vocabulary,
  writeVocabulary,
} from "./vocabulary.js";
