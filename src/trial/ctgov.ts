import { z } from "zod";
import { InputError } from "../base/error.js";
import { checkAs } from "../base/json.js";
import { nctIdOf } from "./nct-id.js";
import type { Phase, TrialRecord } from "./record.js";

const PHASE_OF: Readonly<Record<string, Phase>> = {
  "": "not applicable", // the registry leaves phases out of observational studies
  NA: "not applicable",
  EARLY_PHASE1: "early 1",
  PHASE1: "1",
  "PHASE1,PHASE2": "1/2",
  PHASE2: "2",
  "PHASE2,PHASE3": "2/3",
  PHASE3: "3",
  PHASE4: "4",
};

const date = z.object({ date: z.string().optional() }).optional();

const identificationModule = z.object({
  nctId: z.string().trim().min(1).transform(nctIdOf),
  briefTitle: z.string().trim().optional(),
});

/** A study of the registry without criteria. */
const WithoutCriteria = z.object({
  protocolSection: z.object({
    identificationModule,
    eligibilityModule: z
      .object({ eligibilityCriteria: z.string().trim().max(0).optional() })
      .optional(),
  }),
});

/**
 * A study that the registry itself has without criteria, as it has withheld and some old ones: nothing
 * to predict or to learn from, but no fault of the file.
 */
export class NoCriteria extends InputError {
  constructor(
    readonly nctId: string,
    source: TrialRecord["source"],
  ) {
    super("has no eligibility criteria", {
      ...source,
      field: "protocolSection.eligibilityModule.eligibilityCriteria",
      remedy: "Fill them in or leave the study out",
    });
  }
}

/** The fields we read of a study in the ClinicalTrials.gov API, version 2. Others are ignored. */
const Study = z.object({
  protocolSection: z.object({
    identificationModule,
    eligibilityModule: z.object({ eligibilityCriteria: z.string() }),
    conditionsModule: z.object({ conditions: z.array(z.string()) }),
    designModule: z.object({ phases: z.array(z.string()).default([]) }),
    armsInterventionsModule: z
      .object({
        interventions: z
          .array(
            z.object({
              type: z.string(),
              name: z.string(),
              otherNames: z.array(z.string()).default([]),
            }),
          )
          .default([]),
      })
      .default({ interventions: [] }),
    statusModule: z
      .object({
        overallStatus: z.string().optional(),
        whyStopped: z.string().optional(),
        startDateStruct: date,
        completionDateStruct: date,
      })
      .default({}),
  }),
  /** What {@link toStudy} adds and the registry does not have. */
  cladmop: z
    .object({
      icd10: z.array(z.array(z.string())).default([]),
      knownSuccess: z.boolean().optional(),
    })
    .default({ icd10: [] }),
});

/**
 * A trial from one study of the ClinicalTrials.gov API, version 2 (clinicaltrials.gov/data-api).
 * @param study parsed JSON
 * @throws NoCriteria if it has no eligibility criteria, InputError naming any other field that is
 *   missing, empty or unknown
 */
export function parseStudy(study: unknown, source: TrialRecord["source"]): TrialRecord {
  const bare = WithoutCriteria.safeParse(study);
  if (bare.success)
    throw new NoCriteria(bare.data.protocolSection.identificationModule.nctId, source);
  const { protocolSection: protocol, cladmop } = checkAs(Study, study, {
    ...source,
    remedy: "Give a study as the ClinicalTrials.gov API v2 returns it",
  });
  const phases = protocol.designModule.phases;
  const phase = PHASE_OF[phases.toSorted().join()];
  if (phase === undefined) {
    throw new InputError(`is unknown: ${JSON.stringify(phases)}`, {
      ...source,
      field: "protocolSection.designModule.phases",
      remedy: 'Use the registry\'s values, for example ["PHASE1", "PHASE2"] or ["NA"]',
    });
  }
  const { overallStatus, whyStopped, startDateStruct, completionDateStruct } =
    protocol.statusModule;
  const { icd10, knownSuccess } = cladmop;
  const startDate = startDateStruct?.date;
  const completionDate = completionDateStruct?.date;
  const { nctId, briefTitle: title } = protocol.identificationModule;
  return {
    ...(title && { title }),
    trial: {
      nctId,
      phase,
      conditions: protocol.conditionsModule.conditions,
      icd10,
      interventions: protocol.armsInterventionsModule.interventions,
      givenSmiles: [],
      eligibilityCriteria: protocol.eligibilityModule.eligibilityCriteria.trim(),
    },
    outcome: {
      ...(knownSuccess !== undefined && { knownSuccess }),
      ...(overallStatus && { status: overallStatus }),
      ...(whyStopped && { whyStopped }),
      ...(startDate && { startDate }),
      ...(completionDate && { completionDate }),
    },
    source,
  };
}

/** A trial as a study of the ClinicalTrials.gov API, version 2: what {@link parseStudy} reads again. */
export interface StudyOut {
  readonly protocolSection: Readonly<Record<string, object>>;
  readonly cladmop: Readonly<Record<string, unknown>>;
}

/**
 * The study that {@link parseStudy} reads as this trial, whatever its source. TOP's codes go under the
 * key `cladmop`; its label, its `smiless` column and a title are left out.
 */
export function toStudy({ trial, outcome }: TrialRecord): StudyOut {
  const { status, whyStopped, startDate, completionDate } = outcome;
  return {
    protocolSection: {
      identificationModule: { nctId: trial.nctId },
      statusModule: {
        ...(status && { overallStatus: status }),
        ...(whyStopped && { whyStopped }),
        ...(startDate && { startDateStruct: { date: startDate } }),
        ...(completionDate && { completionDateStruct: { date: completionDate } }),
      },
      conditionsModule: { conditions: trial.conditions },
      designModule: { phases: phasesOf(trial.phase) },
      armsInterventionsModule: { interventions: trial.interventions },
      eligibilityModule: { eligibilityCriteria: trial.eligibilityCriteria },
    },
    cladmop: trial.icd10.length > 0 ? { icd10: trial.icd10 } : {},
  };
}

function phasesOf(phase: Phase): string[] {
  const [phases] = Object.entries(PHASE_OF).find(([text, one]) => one === phase && text !== "")!;
  return phases.split(",");
}
