// Drugs: intervention names → molecules → numbers.
// resolveDrugs finds the molecules of a trial by name in a vocabulary; loadChemistry gives their
// fingerprints and descriptors; readApproved serves the choice of pre-training trials only.
export { readApproved } from "./approved.js";
export { type Chemistry, DESCRIPTORS, FINGERPRINT_BITS, loadChemistry } from "./molecule.js";
export { type ResolvedDrugs, type ResolvedMolecule, resolveDrugs } from "./resolve.js";
export { readVocabulary, SHIPPED_VOCABULARY, type Vocabulary } from "./vocabulary.js";
