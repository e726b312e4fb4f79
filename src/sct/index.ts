/** Successful Clinical Trials (Zhang et al. 2025): which trials count as successful, from which sources. */
export { buildSct, type SctCard, type SctSources, type SctTrial } from "./select.js";
