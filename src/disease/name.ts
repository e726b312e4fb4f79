// Spellings of one sound: British to American. Applied to whole words, in this order.
const AMERICAN: readonly (readonly [RegExp, string])[] = [
  [/haem/g, "hem"],
  [/aemi/g, "emi"],
  [/oede/g, "ede"],
  [/oesoph/g, "esoph"],
  [/oestr/g, "estr"],
  [/coeli/g, "celi"],
  [/rrhoe/g, "rrhe"],
  [/paed/g, "ped"],
  [/gynaec/g, "gynec"],
  [/anaes/g, "anes"],
  [/foet/g, "fet"],
  [/tumour/g, "tumor"],
  [/behaviour/g, "behavior"],
  [/fibre/g, "fiber"],
];

// Words that name the same thing in the names of conditions. "Carcinoma" and "tumor" become "cancer":
// ICD-10 codes the site, and where the distinction matters the vocabulary has the longer term.
const SAME: Readonly<Record<string, string>> = {
  carcinoma: "cancer",
  adenocarcinoma: "cancer",
  neoplasm: "cancer",
  tumor: "cancer",
  malignancy: "cancer",
  metastase: "metastasis",
  renal: "kidney",
  hepatic: "liver",
  pulmonary: "lung",
  gastric: "stomach",
  cardiac: "heart",
  cutaneous: "skin",
  prostatic: "prostate",
  mammary: "breast",
  colonic: "colon",
  ovary: "ovarian",
  esophageal: "esophagus",
  pancrea: "pancreatic",
  lymphocytic: "lymphoblastic",
  lymphoid: "lymphoblastic",
  myelogenous: "myeloid",
  myelocytic: "myeloid",
  disorder: "disease",
  insufficiency: "failure",
  impairment: "failure",
  transplantation: "transplant",
  hematological: "hematologic",
  cns: "central nervous system",
  nonsmall: "non small",
  nonhodgkin: "non hodgkin",
  nonalcoholic: "non alcoholic",
  nonmelanoma: "non melanoma",
  postoperative: "post operative",
  posttraumatic: "post traumatic",
  ii: "2",
  iii: "3",
  iv: "4",
};

const UNIMPORTANT = new Set(
  "and associated by due for from in nos of on or related the to with without".split(" "),
);

function singular(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.endsWith("oses")) return `${word.slice(0, -2)}is`;
  if (/(sh|ch|x)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

/**
 * The words of a condition's name in one spelling and in natural order, so that "Neoplasms, Breast"
 * and "Tumours of the breast" give the words of "breast cancer". MeSH's inverted names are turned
 * round at their commas; case, accents, punctuation, plurals and small words go.
 */
export function conditionWords(name: string): string[] {
  let text = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .split(/,(?!\d)/)
    .reverse()
    .join(" ")
    .replace(/['’`]s?\b/g, "");
  for (const [british, american] of AMERICAN) text = text.replace(british, american);
  return (text.match(/[a-z0-9]+/g) ?? [])
    .map(singular)
    .flatMap((word) => (SAME[word] ?? word).split(" "))
    .filter((word) => !UNIMPORTANT.has(word));
}

/** The key under which words are found whatever their order. */
export const wordsKey = (words: readonly string[]): string => [...words].sort().join(" ");

/** The key of a whole name: equal for spellings that the vocabulary takes for the same term. */
export const conditionKey = (name: string): string => wordsKey(conditionWords(name));
