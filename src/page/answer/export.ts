import type { Explanation, Neighbour } from "../../serving/answer.js";
import { nameOf } from "../draft/form-draft.js";
import type { Answered } from "./use-answers.js";

export const NOTE =
  "A statistical estimate by cladmop, for planning and research. It is no evidence that a treatment works, and no ground to treat or not to treat anyone.";

/** Everything that is known of an answer, as JSON. */
export const jsonOf = (
  { draft, answer }: Answered,
  explanation: Explanation | undefined,
  neighbours: readonly Neighbour[] | undefined,
): string =>
  `${JSON.stringify(
    {
      exportedAt: new Date().toISOString(),
      disclaimer: NOTE, // an answer of the history has a note of its own
      trial: draft,
      ...answer,
      attributions: explanation?.attributions ?? null,
      similar: neighbours ?? null,
    },
    null,
    2,
  )}\n`;

/**
 * An answer as a page of its own: what stands on the page now, without what only works there, with its styles. It has
 * no script, and a policy that forbids any, and asks for nothing.
 */
export function htmlOf(answer: Element, answered: Answered): string {
  const main = document.createElement("main");
  main.className = "exported";
  main.append(answer.cloneNode(true));
  for (const element of main.querySelectorAll(
    "button, input, select, textarea, .screen-only, [role=status]",
  ))
    element.remove();
  for (const box of main.querySelectorAll("details.success")) box.setAttribute("open", "");
  for (const heading of main.querySelectorAll("h2, h3, h4")) heading.replaceWith(raised(heading));
  for (const element of main.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex");
  for (const drawing of main.querySelectorAll<SVGElement>(".chart svg")) fitToPage(drawing);
  const title = document.createElement("title");
  title.textContent = nameOf(answered.draft);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
${title.outerHTML}
<style>
${styleOf(document)}
</style>
</head>
<body>
${main.outerHTML}
</body>
</html>
`;
}

/** A heading one level higher: on a page of its own, the answer's is the first. */
function raised(heading: Element): Element {
  const level = Number(heading.localName.at(1)) - 1;
  const higher = document.createElement(`h${level}`);
  higher.id = heading.id;
  higher.append(...heading.childNodes);
  return higher;
}

/** The page's own rules, as text. A closing tag in them would end the style early; there is none, and will be none. */
const styleOf = ({ styleSheets }: Document): string =>
  [...styleSheets]
    .flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText))
    .join("\n")
    .replaceAll("</", "<\\/");

/** A chart as wide as there is room, no wider than it was drawn. */
function fitToPage(drawing: SVGElement) {
  const [width, height] = [drawing.getAttribute("width"), drawing.getAttribute("height")];
  drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  drawing.removeAttribute("width");
  drawing.removeAttribute("height");
  drawing.style.cssText = `display:block;width:100%;max-width:${width}px;height:auto`;
  for (let box = drawing.parentElement; box?.matches(".chart div"); box = box.parentElement)
    box.removeAttribute("style");
}

/** Gives the reader a file. */
export function save(name: string, type: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file's name of a draft's: letters and digits of any script, and dashes. */
export function fileName({ draft }: Answered, ending: string): string {
  const words = nameOf(draft)
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, "-");
  // By characters, so that none is cut in two.
  const name = [...words].slice(0, 60).join("").replaceAll(/^-|-$/g, "");
  return `cladmop-${name || "draft"}.${ending}`;
}
