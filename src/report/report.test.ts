import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../base/error.js";
import { Interrupted } from "../base/watcher.js";
import { writeReport } from "./report.js";
import { MADE_UP_FAILURE, madeUpBenchmark, madeUpCell, writeBenchmark } from "./test-support.js";

const cells = madeUpBenchmark({ datasets: ["phase-1"], seeds: [1, 2], trials: 100 });
const folder = writeBenchmark(cells, { failures: [MADE_UP_FAILURE] });
const page = readFileSync(writeReport(folder), "utf8");
const markdown = readFileSync(join(folder, "report.md"), "utf8");

const VOID = new Set(["meta", "br"]);

/** Checks that every element is closed where it should be and has each attribute once, in quotes. */
function checkWellFormed(html: string): void {
  const open: string[] = [];
  const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*>|<!doctype html>|<[^>]*>?/g;
  for (const [all, slash, name, attributes] of html
    .replaceAll(/<style>.*?<\/style>/gs, "")
    .matchAll(tag)) {
    if (all === "<!doctype html>") continue;
    assert.ok(name, `stray mark: ${all}`);
    const names = [...attributes!.matchAll(/([\w:-]+)=/g)].map(([, attribute]) => attribute);
    assert.equal(new Set(names).size, names.length, all);
    if (slash) assert.equal(open.pop(), name, all);
    else if (!VOID.has(name)) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.ok(!/&(?!#\d+;)/.test(html), "an ampersand that is not escaped");
}

test("the page is well formed, with every id once and every reference met", () => {
  checkWellFormed(page);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, id] of page.matchAll(/(?:href="#|url\(#)([^")]*)/g))
    assert.ok(ids.includes(id), id);
});

test("the page needs no script and no other file", () => {
  assert.ok(!/<(script|link|img|iframe|object)\b|@import|@font-face/i.test(page));
  assert.ok(!/(?:src|href)="(?!#)/.test(page));
  const addresses = [...page.matchAll(/https?:\/\/[^\s"<]*/g)].map(([address]) => address);
  assert.ok(
    addresses.every(
      (each) => each.startsWith("http://www.w3.org/") || each.includes("localhost:1"),
    ),
  );
  assert.ok(page.length < 2_000_000);
});

test("names are escaped on the page and in Markdown", () => {
  assert.ok(page.includes("XGBoost &#60;script&#62;alert(1)&#60;/script&#62; | &#38; co"));
  assert.ok(markdown.includes("XGBoost \\<script\\>alert(1)\\</script\\> \\| & co"));
});

test("every chart has a name for readers of screens and a table of its figures", () => {
  const figures = page.match(/<figure>.*?<\/figure>/gs)!;
  // Supervised 4, zero-shot 2, few-shot 2, ablations 2.
  assert.equal(figures.length, 10);
  for (const figure of figures) {
    assert.match(figure, /<svg [^>]*role="img" aria-label="[^"]+"><title>[^<]+<\/title>/);
    assert.match(figure, /<details>.*<table/s);
  }
});

test("all sections are on the page and in Markdown, with failures and hashes", () => {
  const titles = [
    "Supervised",
    "Zero-shot",
    "Few-shot",
    "New diseases and new drugs",
    "Ablations",
    "Subgroups",
    "References against the others",
    "Differences that can be seen",
    "Failures and remarks",
    "Files",
  ];
  const headings = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, title]) => title);
  assert.deepEqual(headings(page, /<h2>(.*?)<\/h2>/g), titles);
  assert.deepEqual(headings(markdown, /^## (.*)$/gm), titles);
  assert.ok(page.includes("http://localhost:1/v1 does not answer &#60;yet&#62;"));
  for (const hash of Object.values(cells[0]!.result.data)) assert.ok(page.includes(hash));
});

test("tables in Markdown have as many cells in each line as in their head", () => {
  const tables = markdown.match(/(?:^\|.*\n)+/gm)!;
  assert.ok(tables.length > 15, `${tables.length} tables`);
  for (const table of tables) {
    const [head, rule, ...lines] = table
      .trim()
      .split("\n")
      .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
    assert.ok(rule!.every((cell) => /^ -{3}:? $/.test(cell)));
    for (const line of [rule!, ...lines]) assert.equal(line.length, head!.length);
    assert.ok(lines.length > 0);
  }
  assert.match(markdown, /\| always success \|/);
  assert.match(markdown, /\*\*\.\d{3}/);
});

test("of TOP alone the report tells what was published, and refers to this project's documents", () => {
  assert.doesNotMatch(markdown, /†|published|results\.md/);
  const what = { task: "supervised", dataset: "mine", method: "cladmop", title: "ours" } as const;
  const { result, predictions } = madeUpCell(
    { ...what, reference: true, seed: 1, strength: 1 },
    117,
  );
  const top = writeBenchmark([{ result: { ...result, scored: "phase_I_valid.csv" }, predictions }]);
  writeReport(top);
  const text = readFileSync(join(top, "report.md"), "utf8");
  assert.match(text, /\| \*† CLaDMoP, PEFT \[S\]\* \|/);
  assert.match(text, /\| \*† MEXA-CTP\* \| \*\.476\* \|/);
  assert.match(text, /† published \[R\] on the test split \|\n.*\n.* \.067 627 trials \|/);
  assert.match(text, /is told in docs\/results\.md/);
});

test("a report is made of one cell, without our method", () => {
  const alone = madeUpCell(
    { task: "supervised", dataset: "own", method: "lr", title: "LR", seed: 1, strength: 1 },
    40,
  );
  const html = readFileSync(writeReport(writeBenchmark([alone])), "utf8");
  checkWellFormed(html);
  assert.match(html, /<dt>Our methods<\/dt><dd>–<\/dd>/);
  assert.ok(!html.includes("References against the others"));
  assert.match(html, /No run failed\./);
});

test("the header names our methods, each task's reference and how much of the grid is done", () => {
  const facts = /<dl>.*?<\/dl>/s.exec(page)![0];
  assert.ok(facts.includes("CLaDMoP + LoRA; CLaDMoP, no pre-training; "));
  assert.ok(facts.includes("few-shot: CLaDMoP + LoRA; supervised: CLaDMoP; "));
  assert.match(facts, new RegExp(`<dd>${cells.length} cells, `));
  assert.match(facts, /hours, without those of encoding and pre-training/);
  const supervised = cells.filter(({ result }) => result.task === "supervised");
  const part = writeBenchmark(supervised);
  const grid = { cells: 99, byTask: { supervised: supervised.length, "few-shot": 50 } };
  writeFileSync(join(part, "grid.json"), JSON.stringify(grid));
  const html = readFileSync(writeReport(part), "utf8");
  assert.match(html, new RegExp(`<dd>${supervised.length} of 99 cells, `));
  assert.match(html, /<dt>Incomplete tasks<\/dt><dd>few-shot: 0 of 50 cells<\/dd>/);
});

/** The Markdown of a section. */
const section = (text: string, title: string) =>
  text.split(/^## /m).find((part) => part.startsWith(title))!;

test("new diseases and drugs are told of all methods, other subgroups of two", () => {
  const methods = new Set(
    cells.flatMap(({ result }) => (result.task === "supervised" ? [result.title] : [])),
  );
  const lines = (title: string, kind: string) =>
    section(markdown, title)
      .split(/^### /m)
      .find((table) => table.startsWith(`phase-1, supervised: by ${kind}`))!
      .match(/^\|.*$/gm)!.length - 2;
  assert.equal(lines("New diseases", "disease"), 2 * methods.size);
  assert.equal(lines("New diseases", "drug"), 3 * methods.size);
  assert.equal(lines("Subgroups", "phase"), 2 * 2);
  assert.equal(lines("Subgroups", "year"), 4 * 2);
});

test("years that no source gives are left out with a word, and so is validation that was not scored", () => {
  const undated = cells
    .filter(({ result }) => result.task === "supervised")
    .map((cell) => {
      const { year, ...subgroups } = cell.result.subgroups;
      const unknown = { unknown: year!.unknown! };
      const result = {
        ...cell.result,
        validation: null,
        subgroups: { ...subgroups, year: unknown },
      };
      return { ...cell, result };
    });
  const folder = writeBenchmark(undated);
  writeReport(folder);
  const text = section(readFileSync(join(folder, "report.md"), "utf8"), "Subgroups");
  assert.ok(text.includes("supervised: by phase") && !text.includes("supervised: by year"));
  assert.match(text, /Not by year on phase-1: the source gives no dates/);
  assert.match(text, /Not so on phase-1: .* the very trials scored, which flatters them/);
  assert.ok(!/the source gives no dates|flatters/.test(markdown));
});

test("what a method notes of its run is told", () => {
  const notes = { llm: { asked: 40, refused: 2 } };
  const [cell] = cells;
  const noted = writeBenchmark([{ ...cell!, result: { ...cell!.result, notes } }]);
  assert.match(readFileSync(writeReport(noted), "utf8"), /llm asked 40; llm refused 2/);
});

test("nothing is written where predictions are missing, or when it is stopped", () => {
  const broken = writeBenchmark(cells.slice(0, 2));
  writeFileSync(join(broken, "predictions", `${cells[0]!.result.id}.json`), "{");
  assert.throws(() => writeReport(broken), InputError);
  assert.ok(!existsSync(join(broken, "report.html")));
  const stopped = writeBenchmark(cells);
  const watcher = { report: () => {}, say: () => {}, stopping: () => true };
  assert.throws(() => writeReport(stopped, watcher), Interrupted);
  assert.ok(!existsSync(join(stopped, "report.md")));
});
