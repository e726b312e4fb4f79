/**
 * Audit: what in data sets and runs makes figures untrue. loadInput reads them, audit looks for leaks,
 * auditReport tells people.
 */
export { audit } from "./audit.js";
export type { Finding, Severity } from "./finding.js";
export { loadInput } from "./load.js";
export { auditReport } from "./report.js";
