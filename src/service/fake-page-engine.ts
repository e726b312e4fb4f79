/**
 * What stands in for an engine's thread in tests of the page: answers as a real one gives them, made up from the text by rules
 * that a test can follow. A statement with "seizure" pulls 6 points down, one with "consent" 3 up, others hardly anything.
 */
import { parentPort } from "node:worker_threads";
import type { Attribution, BaseRate, Neighbour, Prediction } from "../serving/answer.js";
import { type Phase, splitEligibility, type Trial } from "../trial/index.js";
import type { Ask, Question, Told } from "./engine-messages.js";

const port = parentPort!;
const tell = (told: Told) => port.postMessage(told);

const DRUGS = [
  { name: "levetiracetam", smiles: ["CCC(C(=O)N)N1CCCC1=O"] },
  { name: "levodopa", smiles: ["C1=CC(=C(C=C1CC(C(=O)O)N)O)O"] },
  { name: "lamotrigine", smiles: ["C1=CC(=C(C(=C1)Cl)Cl)C2=C(N=C(N=N2)N)N"] },
];
/** One of many trials, one of few, and of other phases none. */
const BASE_RATES = new Map<Phase, BaseRate>([
  ["1", { successes: 386, trials: 642 }],
  ["2", { successes: 386, trials: 642 }],
  ["early 1", { successes: 3, trials: 13 }],
]);
const CONDITIONS = [
  { name: "Epilepsy", codes: ["G40.909"] },
  { name: "Epilepsy, focal", codes: ["G40.109"] },
];

const effectOf = (statement: string): number =>
  /seizure/i.test(statement)
    ? -6
    : /consent/i.test(statement)
      ? 3
      : (statement.length % 7) / 10 - 0.3;

function attributionsOf({ eligibilityCriteria, interventions, conditions }: Trial): Attribution[] {
  const { inclusion, exclusion } = splitEligibility(eligibilityCriteria);
  const of = (kind: Attribution["kind"], texts: readonly string[]) =>
    texts.map((text) => ({ kind, text, effect: effectOf(text) }));
  return [
    ...of("inclusion", inclusion),
    ...of("exclusion", exclusion),
    ...of(
      "drug",
      interventions.map(({ name }) => name),
    ),
    ...of("disease", conditions),
  ];
}

function predictionOf(trial: Trial): Prediction {
  const { inclusion, exclusion } = splitEligibility(trial.eligibilityCriteria);
  const pull = attributionsOf(trial).reduce((sum, { effect }) => sum + effect, 0);
  const probability = Math.min(0.95, Math.max(0.05, 0.6 + pull / 100));
  const known = trial.interventions.flatMap(({ name }) =>
    DRUGS.filter((drug) => name.toLowerCase().includes(drug.name)),
  );
  const molecules = known.map(({ name, smiles }) => ({ name, smiles: smiles[0]! }));
  const named = (pattern: RegExp) => trial.interventions.filter(({ name }) => pattern.test(name));
  return {
    nctId: trial.nctId,
    phase: trial.phase,
    probability,
    interval: [Math.max(0, probability - 0.12), Math.min(1, probability + 0.1)],
    baseRate: BASE_RATES.get(trial.phase) ?? null,
    molecules,
    missing: named(/^XR-/).map(({ name }) => `drug "${name}" is not in the vocabulary`),
    reading: {
      molecules,
      unresolvedDrugs: named(/^XR-/).map(({ name }) => name),
      ignoredInterventions: named(/placebo/i).map(({ name }) => ({ name, reason: "a placebo" })),
      diseases:
        trial.conditions.length === 0
          ? []
          : [
              { token: "chapter:G00-G99", title: "Diseases of the nervous system", known: true },
              { token: "block:G40-G47", title: "Episodic and paroxysmal disorders", known: true },
              { token: "code:G40.109", title: null, known: false },
            ],
      unresolvedConditions: [],
      inclusion: [...inclusion],
      exclusion: [...exclusion],
      tokens: Math.ceil(trial.eligibilityCriteria.length / 4),
    },
    usedIn: trial.nctId === "NCT99000001" ? ["training"] : [],
  };
}

const neighbour = (n: number, label: 0 | 1 | null): Neighbour => ({
  nctId: `NCT9800000${n}`,
  title: n === 3 ? null : `An invented trial of seizures, the ${n}.`,
  phase: "2",
  conditions: ["Epilepsy"],
  drugs: ["lamotrigine"],
  similarity: 0.9 - n / 20,
  outcome: {
    label,
    status: label === 0 ? "TERMINATED" : "COMPLETED",
    whyStopped: label === 0 ? "Slow accrual" : null,
    startDate: null,
    completionDate: "2018-05",
  },
  url: `https://clinicaltrials.gov/study/NCT9800000${n}`,
});

const found = <T extends { name: string }>(all: readonly T[], text: unknown): T[] =>
  all.filter(({ name }) => name.toLowerCase().includes(String(text).toLowerCase()));

function answer({ method, args: [first] }: Question): unknown {
  switch (method) {
    case "predict":
      return (first as readonly Trial[]).map(predictionOf);
    case "explain":
      return {
        prediction: predictionOf(first as Trial),
        attributions: attributionsOf(first as Trial),
      };
    case "similar":
      return [neighbour(1, 1), neighbour(2, 0), neighbour(3, null)];
    case "suggestDrugs":
      return found(DRUGS, first);
    case "suggestConditions":
      return found(CONDITIONS, first);
    case "structure":
      return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200" fill="currentColor" onload="alert(1)"><script>alert(1)</script><path d="M60 120 L110 60 L180 60 L240 130" fill="none" stroke="currentColor" stroke-width="3"/></svg>`;
  }
}

port.on("message", (ask: Ask) => {
  if (ask.method === "release") port.close();
  else if (ask.method !== "give up") tell({ kind: "answer", id: ask.id, value: answer(ask) });
});
tell({ kind: "ready" });
