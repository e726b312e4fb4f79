/** HTML by tagged templates: what is filled in is escaped unless it is HTML itself. */
export class Html {
  constructor(readonly text: string) {}
}

type Filling = string | number | Html | readonly Html[];

/** `html`<p>${name}</p>`` : HTML with every filling escaped that is no HTML. */
export function html(parts: TemplateStringsArray, ...fillings: readonly Filling[]): Html {
  return new Html(parts.reduce((before, part, i) => before + textOf(fillings[i - 1]!) + part));
}

function textOf(filling: Filling): string {
  if (filling instanceof Html) return filling.text;
  if (typeof filling === "object") return filling.map(({ text }) => text).join("");
  return String(filling).replaceAll(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
