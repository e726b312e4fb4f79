import type { DescribedTrial, TrialFeatures } from "../model/features.js";
import { type Statement, statementsOf } from "../trial/eligibility.js";
import type { Trial } from "../trial/record.js";
import type { Attribution } from "./answer.js";

/** A trial without one of the things that the model reads, and what that is. */
export interface Deletion extends Omit<Attribution, "effect"> {
  readonly features: TrialFeatures;
}

/**
 * The trial without each of its statements, each molecule, and each condition that was resolved, one after the other
 * in this order. Of more statements than `most`, neighbours of one part are deleted together, as evenly as can be, and
 * so are conditions of which one says no more than another: `text` then has a line for each.
 * @param isKnown whether the model knows a token of diseases
 */
export function deletionsOf(
  trial: Trial,
  features: DescribedTrial,
  most: number,
  isKnown: (token: string) => boolean,
): Deletion[] {
  const { statements } = statementsOf(trial.eligibilityCriteria);
  const ofStatements = groupsOf(statements, most).map((group): Deletion => {
    const [{ part }] = group as [Statement, ...Statement[]];
    const text = withoutStatements(features.text, statements, new Set(group));
    return {
      kind: part,
      text: group.map((statement) => statement.text).join("\n"),
      features: { ...features, text },
    };
  });
  const ofMolecules = features.molecules.map(
    ({ name }, i): Deletion => ({
      kind: "drug",
      text: name,
      features: {
        ...features,
        molecules: features.molecules.toSpliced(i, 1),
        vectors: features.vectors.toSpliced(i, 1),
      },
    }),
  );
  const ofDiseases = alikeConditions(features, isKnown).map((alike): Deletion => {
    const others = features.conditions.filter(({ name }) => !alike.includes(name));
    const left = new Set(others.flatMap(({ tokens }) => tokens));
    return {
      kind: "disease",
      text: alike.join("\n"),
      features: { ...features, diseases: features.diseases.filter((token) => left.has(token)) },
    };
  });
  return [...ofStatements, ...ofMolecules, ...ofDiseases];
}

/**
 * Names of the conditions, those together of which one brings all that the others bring, such as "diabetes" and "type
 * 2 diabetes": without one of them alone the model would read the same. In the trial's order; one of which the model
 * reads nothing is left out.
 */
function alikeConditions(
  { conditions, diseases }: DescribedTrial,
  isKnown: (token: string) => boolean,
): string[][] {
  const read = new Set(diseases.filter(isKnown));
  const told = conditions
    .map(({ name, tokens }, place) => ({ place, name, tokens: tokens.filter((t) => read.has(t)) }))
    .filter(({ tokens }) => tokens.length > 0);
  const groups: (typeof told)[] = [];
  for (const one of told.toSorted((a, b) => b.tokens.length - a.tokens.length)) {
    const saysAll = ([most]: typeof told) => one.tokens.every((t) => most!.tokens.includes(t));
    const group = groups.find(saysAll);
    if (group) group.push(one);
    else groups.push([one]);
  }
  const inOrder = groups.map((group) => group.sort((a, b) => a.place - b.place));
  return inOrder
    .sort(([a], [b]) => a!.place - b!.place)
    .map((group) => [...new Set(group.map(({ name }) => name))]);
}

/** Statements of one part that follow one another in it together, in hardly more groups than asked for. */
function groupsOf(statements: readonly Statement[], most: number): Statement[][] {
  const size = Math.ceil(statements.length / most);
  const groups: Statement[][] = [];
  const last = new Map<Statement["part"], Statement[]>();
  for (const statement of statements) {
    const group = last.get(statement.part);
    if (group && group.length < size) {
      group.push(statement);
      continue;
    }
    const next = [statement];
    groups.push(next);
    last.set(statement.part, next);
  }
  return groups;
}

/**
 * The plain text of criteria without some of its statements. A line that has nothing else goes; of one that has, the
 * rest stays, such as a heading.
 * @param statements all of the text, in its order
 */
export function withoutStatements(
  plain: string,
  statements: readonly Statement[],
  deleted: ReadonlySet<Statement>,
): string {
  const kept = plain.split("\n").map((line, at): string | undefined => {
    const own = statements.filter((statement) => statement.line === at);
    if (!own.some((statement) => deleted.has(statement))) return line;
    let rest = "";
    let read = 0;
    for (const statement of own) {
      const start = line.indexOf(statement.text, read);
      if (start === -1) return undefined; // its words are not those of the line: marks of emphasis are left out
      const end = start + statement.text.length;
      rest += line.slice(read, deleted.has(statement) ? start : end);
      read = deleted.has(statement) ? end + /^\s*/.exec(line.slice(end))![0].length : end;
    }
    rest += line.slice(read);
    return /[\p{L}\p{N}]/u.test(rest) ? rest.trimEnd() : undefined;
  });
  return kept.filter((line) => line !== undefined).join("\n");
}
