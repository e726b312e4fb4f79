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
    "At a glance",
    "How to read this",
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
  assert.match(text, /† published \[R\] on the test split \|\n.*\n.* \.067, 627 trials \|/);
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

test("facts name our methods, each task's reference and how much of the grid is done", () => {
  const facts = /<dl>.*?<\/dl>/s.exec(page)![0];
  assert.ok(facts.includes("CLaDMoP + LoRA; CLaDMoP, no pre-training; "));
  assert.ok(facts.includes("few-shot: CLaDMoP + LoRA; supervised: CLaDMoP; "));
  assert.match(facts, new RegExp(`<dd>${cells.length} cells, `));
  assert.match(facts, /hours, without those of encoding and pre-training/);
  const supervised = cells.filter(({ result }) => result.task === "supervised");
  const part = writeBenchmark(supervised);
  const done = supervised.length;
  const grid = {
    cells: 99,
    byTask: { supervised: 25, "few-shot": 50 },
    byDataset: { "phase-1": { supervised: 18, "few-shot": 50 }, "phase-2": { supervised: 7 } },
  };
  writeFileSync(join(part, "grid.json"), JSON.stringify(grid));
  const html = readFileSync(writeReport(part), "utf8");
  assert.match(html, new RegExp(`<dd>${done} of 99 cells, `));
  const glance = section(readFileSync(join(part, "report.md"), "utf8"), "At a glance");
  assert.match(glance, /^\| supervised, phase-1 \|.* \| 16 of 18 cells \|$/m);
  assert.ok(glance.includes("grid: supervised: 16 of 25 cells; few-shot: 0 of 50 cells."), glance);
});

test("the page begins with each task's reference against its strongest baseline", () => {
  assert.ok(page.indexOf("At a glance") < page.indexOf("<nav"));
  const lines = section(markdown, "At a glance")
    .match(/^\| [a-z-]+, phase-1 .*$/gm)!
    .map((line) => line.split(/(?<!\\) \| /));
  assert.deepEqual(
    lines.map(([place, , , , ours, rival, unfinished]) => [place, ours, rival, unfinished]),
    [
      [
        "| supervised, phase-1",
        "CLaDMoP, seeds 1, 2",
        "TF-IDF of characters, LR, seeds 1, 2",
        "– |",
      ],
      [
        "| zero-shot, phase-1",
        "CLaDMoP, seeds 1, 2",
        "base rate of the disease, seed 1",
        "1 failed |",
      ],
      ["| few-shot, phase-1", "CLaDMoP + LoRA, seeds 1, 2", "prototypes, seeds 1, 2", "– |"],
      [
        "| new-disease, phase-1",
        "full model, seeds 1, 2",
        "TF-IDF of words, LR, seeds 1, 2",
        "– |",
      ],
      ["| ablation, phase-1", "full model, seeds 1, 2", "no pre-training, seeds 1, 2", "– |"],
    ],
  );
  // The same difference and p as among all paired tests.
  const tested = section(markdown, "References against the others");
  const [, difference, p] = lines[0]!;
  const line = tested
    .split("\n")
    .find((one) => one.includes("CLaDMoP − TF-IDF of characters, LR"))!;
  assert.ok(line.includes(`${difference} (`) || line.includes(`**${difference} (`), line);
  assert.equal(line.split(" | ")[4]!.replaceAll("**", ""), p);
  assert.match(lines[2]![1]!, /SE \.\d+ at shots \d+, −?\.\d+, SE \.\d+ at shots \d+$/);
});

test("paired tests stand by task, the supervised first, each family with its size", () => {
  const titles = [...markdown.matchAll(/^### (Paired tests: .*)$/gm)].map(([, title]) => title);
  assert.deepEqual(titles, [
    "Paired tests: 14 on phase-1, supervised",
    "Paired tests: 10 on phase-1, zero-shot",
    "Paired tests: 30 on phase-1, few-shot",
    "Paired tests: 4 on phase-1, new-disease",
    "Paired tests: 8 on phase-1, ablation",
  ]);
});

test("beside few-shot results stands what is had without labels, base rates aside", () => {
  const note = section(markdown, "Few-shot").match(/^Best without a labelled trial .*$/gm)!;
  assert.equal(note.length, 2);
  for (const line of note)
    assert.match(line, /of ours CLaDMoP \.\d+ ± \.\d+ \[.*\]; of the baselines .* \.\d+ \[/);
  assert.ok(!note.join().includes("base rate"));
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

test("years that no source gives are left out with a word", () => {
  const undated = cells
    .filter(({ result }) => result.task === "supervised")
    .map((cell) => {
      const { year, ...subgroups } = cell.result.subgroups;
      const unknown = { unknown: year!.unknown! };
      return { ...cell, result: { ...cell.result, subgroups: { ...subgroups, year: unknown } } };
    });
  const folder = writeBenchmark(undated);
  writeReport(folder);
  const text = section(readFileSync(join(folder, "report.md"), "utf8"), "Subgroups");
  assert.ok(text.includes("supervised: by phase") && !text.includes("supervised: by year"));
  assert.match(text, /Not by year on phase-1: the source gives no dates/);
  assert.ok(!markdown.includes("the source gives no dates"));
});

test("what a language model was asked and cost is one line, and its row says how many trials it answered", () => {
  const llm = {
    model: "tiny",
    asked: 10,
    cached: 90,
    refused: 2,
    unparsable: 1,
    promptTokens: 12_000,
    completionTokens: 1000,
    withoutUsage: 0,
    cost: 1.25,
    unanswered: ["NCT90000001", "NCT90000007", "NCT90000009"].map((nctId) => ({
      nctId,
      why: "refused" as const,
      text: "I am sorry.",
    })),
  };
  const what = { task: "zero-shot", dataset: "phase-1", method: "llm", title: "LLM" } as const;
  const cell = madeUpCell({ ...what, seed: 1, strength: 0.5 }, 100);
  const noted = writeBenchmark([{ ...cell, result: { ...cell.result, notes: { llm } } }]);
  const html = readFileSync(writeReport(noted), "utf8");
  const text = readFileSync(join(noted, "report.md"), "utf8");
  assert.match(
    section(text, "Prompted language models"),
    /^\| phase-1, zero-shot \| tiny \| 97 of 100 \| 100, 90 kept from before \| 2 \| 1 \| 12,000 \| 1,000 \| 1\.25 \|$/m,
  );
  assert.match(section(text, "Zero-shot"), /^\| LLM, 97 of 100 trials answered \| 1 \|/m);
  assert.match(text, /no probability for count as \.500/);
  assert.ok(!html.includes("I am sorry") && !html.includes("NCT90000001"));
  assert.ok(!/trials answered|Prompted language/.test(markdown));
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
