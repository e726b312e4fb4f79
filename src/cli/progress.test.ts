import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { formatBytes, formatDuration, Lines, progressView } from "./progress.js";

test("a log gets a line a stage and then one every half minute, with the time left", () => {
  const lines: string[] = [];
  let now = 0;
  const view = new Lines(
    (line) => lines.push(line),
    () => now,
  );
  const report = (seconds: number, done: number) => {
    now = 1000 * seconds;
    view.report({ stage: "Training", done, total: 201, detail: `loss ${done}` });
  };
  view.report({ stage: "Reading", done: 0, total: 1 });
  report(5, 1); // a resumed run starts anywhere: the pace counts from here
  report(20, 26);
  report(36, 51);
  report(50, 76);
  view.say("a remark");
  report(66, 101);
  assert.deepEqual(lines, [
    "Reading",
    "Training, 1 of 201 (0 %), loss 1",
    "Training, 51 of 201 (25 %), 1 min 33 s left, loss 51",
    "a remark",
    "Training, 101 of 201 (50 %), 1 min 1 s left, loss 101",
  ]);
});

test("where units differ in length, the share of the work tells the time left", () => {
  const lines: string[] = [];
  let now = 0;
  const view = new Lines(
    (line) => lines.push(line),
    () => now,
  );
  view.report({ stage: "Grid", done: 0, total: 9, share: 0 });
  now = 60_000;
  view.report({ stage: "Grid", done: 1, total: 9, share: 0.5 });
  assert.deepEqual(lines, ["Grid, 0 of 9 (0 %)", "Grid, 1 of 9 (50 %), 1 min 0 s left"]);
});

test("a terminal gets a bar that remarks do not break, and a line for each stage that is over", () => {
  let written = "";
  const stream = new Writable({
    write(chunk, _, next) {
      written += chunk;
      next();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns: 60 });
  const view = progressView(terminal as unknown as NodeJS.WriteStream);
  view.report({ stage: "Training", done: 50, total: 200, detail: "x".repeat(60) });
  view.say("a remark");
  view.report({ stage: "Scoring", done: 0, total: 1 });
  view.end();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys and does not show
  const shown = written.split(/\u001b\[\d*[A-Za-z]|\u001b[78]|\r?\n/).filter((part) => part !== "");
  assert.deepEqual(
    shown.map((part) => part.replace(/, \d+ s/, "")),
    [
      `Training ██████░░░░░░░░░░░░░░░░░░, 50 of 200 (25 %), xxxxxxx`,
      "a remark",
      `Training ██████░░░░░░░░░░░░░░░░░░, 50 of 200 (25 %), xxxxxxx`,
      `Training, ${"x".repeat(60)}`,
      "Scoring ░░░░░░░░░░░░░░░░░░░░░░░░",
      "Scoring",
    ],
  );
});

test("a log tells once that a stage is done", () => {
  const lines: string[] = [];
  const view = new Lines(
    (line) => lines.push(line),
    () => 0,
  );
  for (const done of [0, 1e6, 2e6, 2e6])
    view.report({ stage: "Reading a.csv", done, total: 2e6, unit: "bytes" });
  view.report({ stage: "Loading", done: 1, total: 1 });
  view.report({ stage: "Loading", done: 1, total: 1 });
  assert.deepEqual(lines, [
    "Reading a.csv, 0 kB of 2 MB (0 %)",
    "Reading a.csv, 2 MB of 2 MB (100 %)",
    "Loading",
  ]);
});

test("durations", () => {
  assert.deepEqual([0.4, 59.6, 3600, 7384].map(formatDuration), [
    "0 s",
    "1 min 0 s",
    "1 h 0 min",
    "2 h 3 min",
  ]);
});

test("bytes are told in units that are read easily", () => {
  assert.deepEqual([0, 999_499, 47_600_000, 1_563_000_000].map(formatBytes), [
    ...["0 kB", "999 kB", "48 MB", "1.56 GB"],
  ]);
  const lines: string[] = [];
  const view = new Lines(
    (line) => lines.push(line),
    () => 0,
  );
  view.report({ stage: "Downloading", done: 400_000_000, total: 1_600_000_000, unit: "bytes" });
  assert.deepEqual(lines, ["Downloading, 400 MB of 1.60 GB (25 %)"]);
});
