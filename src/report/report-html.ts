import type { Chart } from "./chart.js";
import type { Document, Part, Section } from "./document.js";
import type { Style } from "./draw.js";
import { Html, html } from "./html.js";
import { PAGE_STYLE } from "./report-style.js";
import type { Table } from "./table.js";

/** The report as one page that needs no other file and no script. */
export function pageOf({ title, verdict, sections }: Document): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${sectionOf(verdict, "verdict")}
<nav aria-label="Sections"><ol>${sections.map(
    ({ title }, i) => html`<li><a href="#section-${i + 1}">${title}</a></li>`,
  )}</ol></nav>
</header>
<main>
${sections.map((section, i) => sectionOf(section, `section-${i + 1}`))}
</main>
</body>
</html>
`;
  return page.text;
}

const paragraph = (text: string): Html => html`<p>${text}</p>\n`;

function sectionOf({ title, text, facts = [], parts }: Section, id: string): Html {
  return html`<section id="${id}">
<h2>${title}</h2>
${text.map(paragraph)}
${facts.length > 0 ? html`<dl>${facts.map(factOf)}</dl>` : ""}
${parts.map(partOf)}
</section>
`;
}

const factOf = ([name, value]: readonly [string, string]): Html =>
  html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function partOf({ tables, charts }: Part): Html {
  return html`${tables.map(tableOf)}
${charts.length > 0 ? html`<div class="charts">${charts.map(chartOf)}</div>` : ""}
`;
}

function chartOf({ title, description, svg, legend, table }: Chart): Html {
  // A reader of screens is told what is drawn, then finds the figures in the table below.
  const label = html`role="img" aria-label="${title}. ${description}"><title>${title}</title>`;
  return html`<figure>
<figcaption>${title}</figcaption>
${new Html(svg.replace(">", ` ${label.text}`))}
${legend.length > 0 ? html`<ul class="legend">${legend.map(legendItem)}</ul>` : ""}
<p class="note">${description}</p>
<details><summary>Figures behind the chart</summary>${tableOf(table)}</details>
</figure>
`;
}

function legendItem({ name, style }: Chart["legend"][number]): Html {
  return html`<li>${swatch(style)} ${name}</li>`;
}

function swatch({ colour, dashes, width }: Style): Html {
  return html`<svg width="30" height="10" viewBox="0 0 30 10" aria-hidden="true"><path d="M0 5H30" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dashes.join(" ")}"></path></svg>`;
}

function tableOf({ title, columns, rows, notes }: Table): Html {
  const kind = (column: number) => (columns[column]!.isNumber ? html` class="number"` : html``);
  const lines = (text: string) =>
    text.split("\n").map((line, i) => (i === 0 ? html`${line}` : html`<br><small>${line}</small>`));
  return html`<p class="caption">${title}</p>
<div class="table" tabindex="0" role="group" aria-label="${title}"><table aria-label="${title}">
<thead><tr>${columns.map(({ head }, i) => html`<th scope="col"${kind(i)}>${lines(head)}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ({ cells, bold, isPublished }) =>
    html`<tr${isPublished ? html` class="published"` : html``}>${cells.map((cell, i) => {
      const inner = bold.has(i) ? html`<b>${lines(cell)}</b>` : html`${lines(cell)}`;
      return i === 0
        ? html`<th scope="row"${kind(i)}>${inner}</th>`
        : html`<td${kind(i)}>${inner}</td>`;
    })}</tr>\n`,
)}</tbody>
</table></div>
${notes.map((note) => html`<p class="note">${note}</p>\n`)}`;
}
