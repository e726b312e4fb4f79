import { PHASES } from "../trial/index.js";
import type { SctDataCard } from "./build.js";
import { PUBLISHED, percent } from "./card.js";

const table = (header: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [header, header.map((_, i) => (i === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const grouped = (number: number): string => number.toLocaleString("en");

/** The data card for people, as Markdown. */
export function cardAsMarkdown(card: SctDataCard): string {
  const counts = (by: Readonly<Record<string, number>>) =>
    Object.entries(by).map(([what, number]) => [
      what,
      grouped(number),
      percent(number, card.trials),
    ]);
  const { before, excludeDrugs } = card.settings;
  const sections = [
    `# Successful Clinical Trials: data card

Made by \`cladmop sct build\` from ${sourcesOf(card)}. Trials of any phase, without outcome labels. A trial
counts as successful if it was given as such, or if a drug of it is approved: the paper's assumption
(Zhang, Liu and Murai 2025), under which a failed trial of an approved drug counts, too.`,
    table(
      ["", "here", "as published"],
      [
        ["trials", grouped(card.trials), ""],
        ["unique drugs (molecules)", grouped(card.molecules), grouped(PUBLISHED.molecules)],
        ["unique diseases (ICD-10 codes)", grouped(card.diseases), grouped(PUBLISHED.diseases)],
        [
          "combinations of two or more drugs",
          grouped(card.combinations),
          grouped(PUBLISHED.combinations),
        ],
        ["mean words of the eligibility criteria", card.meanWords, PUBLISHED.meanWords],
      ],
    ),
    "## Phases",
    table(["phase", "trials", "share"], counts(inOrder(card.byPhase))),
    "## Years",
    'By start date; "unknown" where the source has none.',
    table(["year", "trials", "share"], counts(card.byYear)),
    "## Left out",
    table(
      ["reason", "records"],
      Object.entries(card.leftOut).map(([reason, number]) => [reason, grouped(number)]),
    ),
    "## Overlap with the excluded files",
    card.overlap.length === 0
      ? "No file was excluded: a model pre-trained on these trials may have seen the trials it is tested on."
      : [
          table(
            [
              "file",
              "its trials",
              "found and left out",
              "still shared",
              "its molecules",
              "also here",
            ],
            card.overlap.map(({ file, trials, found, shared, molecules, sharedMolecules }) => [
              file,
              grouped(trials),
              grouped(found),
              grouped(shared),
              grouped(molecules),
              `${grouped(sharedMolecules)} (${percent(sharedMolecules, molecules)})`,
            ]),
          ),
          excludeDrugs
            ? "Trials that share a drug with an excluded trial were left out."
            : "Trials are told apart by NCT id. A drug that is here, too, is approved or was given as " +
              "successful, which tells of the excluded trials that test it: `--exclude-drugs` leaves " +
              "such trials out.",
        ].join("\n\n"),
    ...(before === null ? [] : [`Only trials known to start before ${before}.`]),
    "## What was read",
    `${grouped(card.drugNames.known)} drug names${vagueOf(card)}. A drug without a structure, such as an ` +
      "antibody, is not seen.",
    table(
      ["file", "SHA-256"],
      Object.entries(card.data).map(([file, hash]) => [file, `\`${hash}\``]),
    ),
  ];
  return `${sections.join("\n\n")}\n`;
}

function sourcesOf({ aact }: SctDataCard): string {
  return aact === null ? "the files named below" : `the files named below and the database ${aact}`;
}

/** Phases as the registry orders them; keys such as "1" come first in an object. */
const inOrder = (byPhase: SctDataCard["byPhase"]): Record<string, number> =>
  Object.fromEntries(
    PHASES.flatMap((phase) => {
      const number = byPhase[phase];
      return number === undefined
        ? []
        : [[phase === "not applicable" ? phase : `phase ${phase}`, number]];
    }),
  );

function vagueOf({ drugNames: { leftOut } }: SctDataCard): string {
  return leftOut === 0
    ? ""
    : `, without ${grouped(leftOut)} that are ordinary words or stand for several drugs`;
}
