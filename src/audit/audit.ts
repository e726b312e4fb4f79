import type { Watcher } from "../base/watcher.js";
import type { Check } from "./check.js";
import { contents } from "./contents.js";
import { emptyFeatures, malformedRows, missingCriteria, unreadFiles } from "./coverage.js";
import { type Finding, SEVERITIES } from "./finding.js";
import { fittedOnTest } from "./fitted-models.js";
import type { AuditInput } from "./input.js";
import { degenerateF1, missingLabels, oneSidedLabels } from "./labels.js";
import { listLengths, nonDrugMolecules, placeholderMolecules } from "./molecules.js";
import { laterFields, outcomeFields } from "./outcome-fields.js";
import { pretrainedDrugs, pretrainedScored, pretrainedTrials } from "./pretraining.js";
import {
  constantScores,
  degenerateResults,
  oneSidedDecisions,
  otherPrAuc,
  scoredOnTraining,
  thresholdFromTest,
} from "./scores.js";
import { sharedCriteria } from "./shared-criteria.js";
import { pooledTrials, repeatedTrials, sharedTrials } from "./shared-trials.js";
import { prevalenceShift, timeShift } from "./shift.js";
import { tellingColumns } from "./telling-columns.js";
import { tellingCriteria } from "./telling-criteria.js";

const CHECKS: readonly Check[] = [
  contents,
  sharedTrials,
  repeatedTrials,
  sharedCriteria,
  pooledTrials,
  pretrainedTrials,
  pretrainedScored,
  pretrainedDrugs,
  fittedOnTest,
  scoredOnTraining,
  thresholdFromTest,
  tellingCriteria,
  outcomeFields,
  tellingColumns,
  laterFields,
  placeholderMolecules,
  nonDrugMolecules,
  listLengths,
  missingLabels,
  oneSidedLabels,
  degenerateF1,
  degenerateResults,
  oneSidedDecisions,
  constantScores,
  otherPrAuc,
  prevalenceShift,
  timeShift,
  malformedRows,
  missingCriteria,
  emptyFeatures,
  unreadFiles,
];

/** Every leak that can be seen in data sets and runs, those that weigh most first. */
export function audit(input: AuditInput, watcher: Pick<Watcher, "report">): Finding[] {
  const findings = CHECKS.flatMap(({ name: check, why, remedy, find }, done) => {
    watcher.report({ stage: "Looking for leaks", done, total: CHECKS.length });
    return find(input).map((found) => ({ check, ...found, why, remedy }));
  });
  return SEVERITIES.flatMap((severity) => findings.filter((one) => one.severity === severity));
}
