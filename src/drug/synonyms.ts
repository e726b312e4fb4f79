import { z } from "zod";
import { InputError } from "../base/error.js";
import { readText } from "../base/file.js";
import { parseJson } from "../base/json.js";
import { nameKey, substanceWords } from "./name.js";

const Names = z.record(z.string(), z.array(z.string()));

export interface Synonyms {
  /** Names by the drug's DrugBank id. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Names that were left out, since they are ordinary words or too short to tell a drug. */
  readonly ordinary: readonly string[];
}

/**
 * Reads further names of drugs, brand names among them: a JSON object of DrugBank id → names. Brands
 * are called "Care", "Body" or "Allergy", too, and names of trials' interventions are searched word by
 * word: such names are left out.
 * @throws InputError if the file is not such an object
 */
export function readSynonyms(path: string): Synonyms {
  const remedy = "Repair it or download it again";
  const parsed = Names.safeParse(parseJson(readText(path), { file: path, remedy }));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError("is not a list of names", {
      file: path,
      field: issue!.path.join(".") || undefined,
      remedy: 'Write {"DB00945": ["Aspirin", "another name"]}',
    });
  }
  const entries = Object.entries(parsed.data);
  return {
    names: new Map(entries.map(([id, names]) => [id, names.filter((name) => !isOrdinary(name))])),
    ordinary: entries.flatMap(([, names]) => names.filter(isOrdinary)),
  };
}

/**
 * Whether a name is made of ordinary words alone. The words are those of DrugBank's brand names that
 * occur in the text of eligibility criteria and mean no drug there.
 */
export function isOrdinary(name: string): boolean {
  const words = substanceWords(name.toLowerCase());
  const short = nameKey(name).length < 5 && !/\d/.test(name);
  return short || words.every((word) => ORDINARY.has(word));
}

const ORDINARY = new Set(
  `acid acne advanced alert allergen allergy analgesic android anesthetic antacid anti antibacterial
  antifungal antihistamine antimicrobial antiseptic awake bacterial band bayer better body care
  clean cold comfort control coral cough day decongestant easy energy extra family fast first flu foot
  fungal gradient hair hand heartburn itch jock laxative lice lip luminal maximum mild motion mouth mucosa
  muscle nasal nicotine night nodular original pain perform personal pre-op prevent protect pure
  reducer regimen regular relief relieve reliever rest safeguard sensitive severe sickness sinus skin sleep
  soft sore stomach strength success sun sunscreen throat today toothache travel treatment upset
  uterine wart whitening`.split(/\s+/),
);
