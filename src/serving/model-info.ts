import { basename, dirname, resolve } from "node:path";
import { cardHash } from "../model/index.js";
import type { ModelCard } from "../training/finetune.js";
import type { ModelInfo } from "./answer.js";
import { readEvaluations } from "./evaluations.js";

/**
 * What a reader is told of a loaded model, with how it did on the files that it was evaluated on.
 * @param folder the model's
 * @throws InputError as {@link readEvaluations}
 */
export function modelInfo(folder: string, card: ModelCard): ModelInfo {
  const { preset, pretrained, members, encoder, data, terms, seed, temperature, threshold } = card;
  return {
    name: modelName(folder),
    sha256: cardHash(card),
    ...{ preset, pretrained, members, encoder, terms, seed, temperature, threshold },
    success: successOf(card),
    data: { ...data },
    baseRates: card.baseRates === undefined ? null : { ...card.baseRates },
    outOfFold: { ...card.outOfFold },
    validation: { ...card.validation },
    evaluations: readEvaluations(folder, card),
    limits: limitsOf(card),
    notToConclude: [...NOT_TO_CONCLUDE],
  };
}

/** The folder's name; a run's is that of the run, all of whose models are in "model". */
export function modelName(folder: string): string {
  const path = resolve(folder);
  return basename(basename(path) === "model" ? dirname(path) : path);
}

/** Names of TOP's files: only these say whose labels the card's are. */
const OF_TOP = /^phase_(I|II|III)_(train|valid|test)(_partial)?\.csv$/;
/** Of the card's files those that say how a trial is read, not what became of it. */
const VOCABULARIES = /\.tsv$/;

/**
 * TOP's labels are made from the outcomes that a commercial database gives, by a table of its authors:
 * IQVIA/outcome2label.txt of github.com/futianfan/clinical-trial-outcome-prediction at d518fb7, and
 * src/collect_raw_data.py for what is undecided and was stopped.
 */
const SUCCESS_IN_TOP =
  "A trial counts as a success where TOP (the benchmark of HINT) labels it so: it was completed with a positive outcome, " +
  "its primary endpoints met; a failure is one that missed them or was stopped for lack of efficacy, for safety or for " +
  "want of participants, and trials that ended otherwise were left out.";

function successOf({ data }: ModelCard): string {
  const labelled = Object.keys(data).filter((name) => !VOCABULARIES.test(name));
  return labelled.length > 0 && labelled.every((name) => OF_TOP.test(name))
    ? SUCCESS_IN_TOP
    : "A trial counts as a success where the labels of the data it was fitted on call it so.";
}

function limitsOf({ baseRates, members, validation, outOfFold, quantised }: ModelCard): string[] {
  const phases = Object.entries(baseRates ?? {}).map(
    ([phase, { trials }]) => `${trials} of phase ${phase}`,
  );
  return [
    ...(phases.length > 0
      ? [
          `It learned from few trials: ${phases.join(", ")}. Of other phases it has seen no outcome.`,
        ]
      : []),
    `It ranks far from perfectly: of two training trials that it had not seen, one successful and one not, it ranked the successful one higher ${percent(outOfFold.rocAuc)} of the time. On trials of later years expect less: see its figures on files that it was not made with.`,
    `Figures on validation trials (ROC-AUC ${validation.rocAuc.toFixed(3)}) flatter it: its threshold and temperature were chosen on them.`,
    ...(quantised
      ? [
          `Its encoder was rounded to int8 after it was fitted: its figures out of fold and on validation trials are those of the float32 encoder (${quantised.from.slice(0, 8)}…), the others its own.`,
        ]
      : []),
    `The 90 % interval tells how much its ${members} members differ, each fitted without a fifth of the trials. It says nothing of what all of them miss.`,
    "It reads eligibility criteria, names of drugs and conditions, and the phase. It reads no dose, endpoint, sample size, site, sponsor or earlier result.",
    "Layout counts: the same criteria laid out otherwise, as a plain list for one, may move P(success) by some percentage points.",
    "Criteria of registered trials may have been edited after the trial's start, and the model learned from the later wording.",
    "A drug that its vocabulary does not know, such as an antibody or a new substance under a code name, has no structure for it; what was not read is named in each answer.",
    "Base rates are shares of its training trials. Success rates differ between phases and change over the years, and the training trials are no random sample: those of trials today may be others.",
    "Success means what the labels of its training data call so, and labels have errors. It is not the approval of a drug.",
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const NOT_TO_CONCLUDE: readonly string[] = [
  "That a drug works or does not, or is safe: it has never seen a result of one.",
  "That changing a statement of the criteria would change the trial's outcome. What pulls up or down goes with outcomes in past trials; it need not cause them.",
  "That one of two trials is better where their intervals overlap, or where the difference is a few percentage points.",
  "Anything from its answer on a trial that it was made with: such trials are marked, and those that recruit under another number are not.",
  "That similar past trials foretell an outcome: they are alike in what the model reads, and few.",
  "Whether a patient should take part in a trial, or any other medical decision.",
];
