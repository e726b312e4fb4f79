/**
 * Trials: one validated record, read from ClinicalTrials.gov API v2 JSON or TOP's CSV, with what
 * became of the trial kept apart from what was known before it; and its eligibility text taken
 * apart into statements of inclusion and exclusion, and into figures of its layout.
 */
export { plainText } from "./blocks.js";
export * from "./checked.js";
export { NoCriteria, parseStudy, toStudy } from "./ctgov.js";
export * from "./draft.js";
export * from "./eligibility.js";
export * from "./healthy.js";
export * from "./invalid-list.js";
export * from "./layout.js";
export * from "./nct-id.js";
export { whyNoStudy } from "./no-study.js";
export * from "./pooled.js";
export { filesOf, type ReadOptions, type ReadResult, readTrials } from "./read.js";
export * from "./read-files.js";
export * from "./record.js";
export * from "./stream.js";
export { otherFields } from "./top.js";
