/**
 * Successful Clinical Trials (Zhang et al. 2025): fetched from the registry or read from files or AACT,
 * chosen by one rule for `pretrain` and `sct build`, and described by a data card.
 */
export { type BuildOptions, type BuildResult, buildSct, type SctDataCard } from "./build.js";
export { describeCard, leftOutOf, type SctCard } from "./card.js";
export { type CollectOptions, collectSct } from "./collect.js";
export type { SctTrial } from "./select.js";
