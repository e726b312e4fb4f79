import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Random } from "../base/random.js";

const main = fileURLToPath(new URL("./main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cladmop-cli-"));
after(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
function file(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** Runs the command line to its end. */
function cladmop(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** Asserts bad input: exit code 2, and one line that names what the pattern says. */
function refused(line: RegExp, ...args: string[]): void {
  const { code, out, err } = cladmop(...args);
  assert.deepEqual([code, out], [2, ""], err);
  const lines = err.trimEnd().split("\n");
  assert.match(lines.pop()!, line);
  assert.ok(
    lines.every((stage) => stage === "Reading the texts"),
    err,
  );
}

const COMMANDS = [
  "predict",
  "evaluate",
  "index",
  "train language",
  "encode",
  "sct fetch",
  "sct build",
  "pretrain",
  "finetune",
  "benchmark",
  "audit",
];

test("--help of every command has options and examples that it understands", () => {
  for (const name of COMMANDS) {
    const { code, out, err } = cladmop(...name.split(" "), "--help");
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`^Usage: cladmop ${name} `));
    const [options = "", examples = ""] = out.split("\nExamples:\n");
    assert.ok(examples.includes(`cladmop ${name} `), name);
    for (const [option] of examples.matchAll(/(?<= )--[a-z-]+/g))
      assert.ok(options.includes(`${option} `), `${name} ${option}`);
  }
});

test("usage errors exit with code 2 and say what would be right", () => {
  for (const [args, message] of [
    [["predct", "x"], /unknown command 'predct'\n\(Did you mean predict\?\)/],
    [["predict"], /missing required argument 'inputs'/],
    [["predict", "x", "--jason"], /unknown option '--jason'\n\(Did you mean --json\?\)/],
    [["evaluate", "x", "--seed", "-1"], /'-1' is invalid\. Give a whole number of at least 0/],
    [["train", "language", "x", "--out", "y", "--width", "65"], /Give a multiple of 64/],
    [["train", "language", "x"], /required option '--out <dir>' not specified/],
    [["pretrain", "--before", "2014-02-30"], /Give a date as YYYY-MM-DD/],
    [["finetune", "--preset", "fast"], /Allowed choices are default, paper/],
  ] as const) {
    const { code, out, err } = cladmop(...args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, message);
  }
});

const HEADER = "nctid,label,phase,diseases,icdcodes,drugs,smiless,criteria";

test("bad input exits with code 2 and one line that names the file", () => {
  refused(/^absent\.json: cannot be read/, "predict", "absent.json");
  refused(/json: is malformed JSON/, "predict", file("broken.json", '{"protocolSection": '));
  refused(/empty\.json: holds no trial/, "predict", file("empty.json", '{"studies": []}'));
  const drugs = file("drugs.tsv", "aspirin\tCC(=O)Oc1ccccc1C(=O)O\nfalsine\tC1CC(\n");
  const examples = fileURLToPath(new URL("../../examples/trials.json", import.meta.url));
  refused(
    /drugs\.tsv, row 2, field "SMILES": RDKit rejects/,
    "predict",
    examples,
    "--drugs",
    drugs,
  );
  refused(/csv: lacks the columns phase, /, "predict", file("short.csv", "nctid,drugs\nNCT1,[]\n"));
  refused(
    /csv, row 1, field "phase": is unknown: "phase 9"/,
    "predict",
    file("phase.csv", `${HEADER}\nNCT99000001,1,phase 9,[],[],[],[],Adults\n`),
  );
  refused(
    /csv, row 1, field "label": is "2"/,
    "evaluate",
    file("label.csv", `${HEADER}\nNCT99000001,2,phase 1,[],[],[],[],Adults\n`),
  );
  const latin = Buffer.from(`${HEADER}\nNCT99000001,1,phase 1,[],[],[],[],Müde\n`, "latin1");
  writeFileSync(at("latin.csv"), latin);
  refused(/^latin\.csv: line 2 is not UTF-8 text\. Save the file as/, "predict", "latin.csv");
  refused(/ndjson, row 1: is not JSON/, "train", "language", file("a.ndjson", "{"), "--out", "r");
});

test("a run folder that cannot be made is no fault of the program", () => {
  const texts = file("one.ndjson", '{"nctId": "NCT99000001", "eligibilityCriteria": "Adults"}');
  refused(
    /one\.ndjson: is a file, not a folder\. Choose another folder/,
    "train",
    "language",
    texts,
    "--out",
    `${texts}/run`,
  );
});

test("trainings of trials go on with a run only where there is one", () => {
  const none = ["--resume", "--out", "none"];
  const labelled = ["--train", "t.csv", "--valid", "v.csv"];
  const message = /^none: there is no run to go on with/;
  refused(message, "pretrain", "--exclude", "t.csv", "--encoder", "e", ...none);
  refused(message, "finetune", ...labelled, ...none);
});

test("a run's folder named as a model points to the model in it", () => {
  mkdirSync(at("run/model"), { recursive: true });
  file("run/model/model.json", "{}");
  refused(/^run: holds no model, but .*\. Name run\/model$/, "predict", examples, "--model", "run");
});

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = join(root, "examples", "trials.json");
test("predict prints a table for people and objects for programs", () => {
  const table = cladmop("predict", examples);
  assert.equal(table.code, 0, table.err);
  assert.match(table.out, /│ NCT99000001 │ 1 +│ \d+ % +│ \d+ – \d+ % +│ [+−]\d/);

  const { code, out, err } = cladmop("predict", "--json", examples);
  assert.deepEqual([code, err], [0, ""]);
  const predictions = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(predictions.length, 5);
  for (const prediction of predictions) {
    const { probability, interval, ...rest } = prediction;
    assert.deepEqual(Object.keys(rest), ["nctId", "phase", "molecules", "missing"]);
    assert.ok(0 < interval[0] && interval[0] <= probability);
    assert.ok(probability <= interval[1] && interval[1] < 1);
  }
  const { stdout } = spawnSync(process.execPath, [main, "predict", "--json", "-"], {
    input: readFileSync(examples),
    encoding: "utf8",
  });
  assert.equal(stdout, out);
});

test("with several inputs, each has its own list of bad rows, or --invalid one of all", () => {
  const [first] = JSON.parse(readFileSync(examples, "utf8"));
  const good = JSON.stringify(first);
  for (const name of ["a", "b", "c"])
    file(`${name}.ndjson`, `${good}\n${name === "b" ? good : "{"}\n`);
  const inputs = ["a.ndjson", "b.ndjson", "c.ndjson"];
  const { code, err } = cladmop("predict", "--json", "--skip-invalid", ...inputs);
  assert.equal(code, 0, err);
  assert.deepEqual(err.match(/listed in .*/g), [
    "listed in a.ndjson.invalid.ndjson",
    "listed in c.ndjson.invalid.ndjson",
  ]);
  const filesIn = (list: string) =>
    readFileSync(at(list), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).file);
  assert.deepEqual(filesIn("c.ndjson.invalid.ndjson"), ["c.ndjson"]);
  assert.equal(cladmop("predict", "--json", "--invalid", "bad.ndjson", ...inputs).code, 0);
  assert.deepEqual(filesIn("bad.ndjson"), ["a.ndjson", "c.ndjson"]);
});

test("predict --skip-invalid answers good rows and lists bad ones", () => {
  const [first] = JSON.parse(readFileSync(examples, "utf8"));
  const input = file("mixed.ndjson", `${JSON.stringify(first)}\n{"a": 1}\n`);
  refused(/^mixed\.ndjson, row 2, field "protocolSection/, "predict", "mixed.ndjson");
  const { code, out, err } = cladmop("predict", "--json", "--skip-invalid", "mixed.ndjson");
  assert.deepEqual([code, out.split("\n").length], [0, 2]);
  assert.match(
    err,
    /^Warning: 1 bad row was skipped and listed in mixed\.ndjson\.invalid\.ndjson\n$/,
  );
  const {
    file: name,
    row,
    problem,
    remedy,
  } = JSON.parse(readFileSync(`${input}.invalid.ndjson`, "utf8"));
  assert.deepEqual(
    [name, row, typeof problem, typeof remedy],
    ["mixed.ndjson", 2, "string", "string"],
  );
  const replaced = ["predict", "mixed.ndjson", "--invalid", "./mixed.ndjson"];
  refused(/^\.\/mixed\.ndjson, field "--invalid": is read, and would be replaced/, ...replaced);
});

test("evaluate prints exactly the promised figures", () => {
  const rows = Array.from(
    { length: 6 },
    (_, i) =>
      `NCT9900000${i},${i % 2},phase 1,['gout'],[],['colchicine'],[],Adults ${i} times treated`,
  );
  file("labelled.csv", `${[HEADER, ...rows].join("\n")}\n`);
  const { code, out, err } = cladmop("evaluate", "labelled.csv", "--json", "--seed", "7");
  assert.equal(code, 0, err);
  const figures = JSON.parse(out);
  assert.deepEqual(Object.keys(figures).sort(), [
    ...["brier", "ece", "f1", "interval", "model", "n", "positives", "prAuc", "rocAuc", "seed"],
    "threshold",
  ]);
  assert.deepEqual(Object.keys(figures.interval), ["prAuc", "rocAuc"]);
  assert.deepEqual([figures.n, figures.positives, figures.seed], [6, 3, 7]);
  cpSync(join(root, "models", "top"), at("copied"), { recursive: true });
  rmSync(at("copied/evaluations.json"), { force: true });
  const table = cladmop("evaluate", "labelled.csv", "--model", "copied", "--keep");
  assert.equal(table.err, "Kept in copied/evaluations.json\n");
  const { evaluations } = JSON.parse(readFileSync(at("copied/evaluations.json"), "utf8"));
  assert.deepEqual(
    [evaluations.length, evaluations[0].file, evaluations[0].rocAuc],
    [1, "labelled.csv", figures.rocAuc],
  );
  assert.match(table.out, /HINT-compatible PR-AUC[\s\S]*│ always success +│ 0\.500 \[/);
});

test("evaluate and predict warn of trials that the model has seen", () => {
  const list = readFileSync(join(root, "models", "top", "trials.json"), "utf8");
  const { training, validation, pretraining } = JSON.parse(list);
  const ids = [
    training[0],
    training[1],
    validation[0],
    pretraining[0],
    "NCT99000001",
    "NCT99000002",
  ];
  const rows = ids.map((id, i) => `${id},${i % 2},phase 1,['gout'],[],['colchicine'],[],Adults`);
  file("seen.csv", [HEADER, ...rows].join("\n"));
  for (const command of ["evaluate", "predict"]) {
    const { code, err } = cladmop(command, "seen.csv", "--json");
    assert.equal(code, 0, err);
    assert.match(
      err,
      /^Warning: the model has seen 4 of these 6 trials \(2 in training, 1 in validation, 1 in pre-training\): what /,
    );
  }
});

// A run of about 2 seconds, with checkpoints on the way: enough to be killed in.
const SMALL = "--width 64 --blocks 1 --context 32 --batch 4 --epochs 5 --vocabulary 400".split(" ");
const train = (out: string, ...more: string[]) => [
  ...["train", "language", "texts.ndjson", "--out", out, ...SMALL],
  ...more,
];
const encoder = (out: string) => readFileSync(at(`${out}/encoder/model.safetensors`));

const metrics = (out: string) => readFileSync(at(`${out}/metrics.ndjson`), "utf8");

/** Criteria of 200 trials, drawn from a few words. */
function writeTexts(): void {
  const random = new Random("texts");
  const one = (...of: string[]) => of[random.integer(of.length)]!;
  const statement = () =>
    `${one("Adults", "Women", "Men")} ${one("with", "without", "treated for")} ` +
    `${one("asthma", "gout", "fever", "migraine")} in the last ${1 + random.integer(12)} months`;
  const lines = Array.from({ length: 200 }, (_, i) =>
    JSON.stringify({
      nctId: `NCT99${String(i).padStart(6, "0")}`,
      eligibilityCriteria: `Inclusion Criteria:\n- ${statement()}\n- ${statement()}\n- ${statement()}`,
    }),
  );
  file("texts.ndjson", lines.join("\n"));
}

/** Starts a run and ends it by a signal as soon as its first checkpoint is there. */
async function interrupt(out: string, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [main, ...train(out)], { cwd: folder, stdio: "ignore" });
  const exited = once(child, "exit");
  while (!existsSync(at(`${out}/checkpoint.json`)) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
  return await exited;
}

test("a run that was killed or stopped resumes to the same encoder, bit by bit", async () => {
  writeTexts();
  const { code, out, err } = cladmop(...train("whole"));
  assert.equal(code, 0, err);
  assert.match(out, /^whole\/encoder: trained on \d+ tokens, best after step \d+\nperplexity on /);
  assert.match(err, /^Reading the texts\nTraining the language model, 1 of \d+ \(0 %\), loss /);

  assert.deepEqual(await interrupt("killed", "SIGKILL"), [null, "SIGKILL"]);
  cpSync(at("killed"), at("altered"), { recursive: true });
  assert.ok(!existsSync(at("killed/encoder")));
  assert.equal(cladmop(...train("killed", "--resume")).code, 0);
  assert.deepEqual(encoder("killed"), encoder("whole"));
  assert.deepEqual(metrics("killed"), metrics("whole"));

  assert.deepEqual(await interrupt("stopped", "SIGINT"), [130, null]);
  assert.equal(cladmop(...train("stopped", "--resume")).code, 0);
  assert.deepEqual(encoder("stopped"), encoder("whole"));

  refused(/^killed: this folder already holds a run\. Add --resume/, ...train("killed"));
  refused(/^kiled: there is no run to go on with\. Correct --out/, ...train("kiled", "--resume"));
  assert.ok(!existsSync(at("kiled")));
  refused(
    /^killed\/config\.json, field "settings\.batch": differs/,
    ...train("killed", "--resume", "--batch", "8"),
  );
  const { name } = JSON.parse(readFileSync(at("altered/checkpoint.json"), "utf8"));
  const checkpoint = readFileSync(at(`altered/${name}`));
  checkpoint[checkpoint.length - 1]! ^= 1;
  for (const bytes of [checkpoint, checkpoint.subarray(0, -1)]) {
    writeFileSync(at(`altered/${name}`), bytes);
    refused(
      new RegExp(`^altered/${name}: the checkpoint was truncated or altered`),
      ...train("altered", "--resume"),
    );
  }
});
