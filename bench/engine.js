// How fast is the engine beside PyTorch on the same cores? Both do the same work on the same
// numbers, each in a process of its own, in turns within one run; medians over all rounds.
//
//   node bench/engine.js [--rounds 7] [--threads 2] [--only language,pretrain,encode]
//                        [--python /usr/bin/python3]
//
// language  a training step of the language model, as `cladmop train language` runs it by default
// pretrain  a step of pair matching with the default preset
// encode    the language model's hidden states at three levels, 8 windows of 256 tokens
//
// Targets: a training step in at most 1.15 times the time of PyTorch, encoding at 1.5 times its
// speed, at most 4 GiB. They are stated for Debian's python3-torch with libopenblas0-openmp
// (bench/reference/engine.py); without PyTorch only ours is printed. Measure on a quiet machine:
// PyTorch's threads wait in a busy loop, and lose far more than ours to whatever else runs. Where
// OpenBLAS 0.3.21 does not know a processor with AVX-512 (OPENBLAS_VERBOSE=2 tells its choice),
// OPENBLAS_CORETYPE=SkylakeX makes PyTorch faster.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { median, OPENBLAS, start } from "./measure.js";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    threads: { type: "string", default: "2" },
    only: { type: "string", default: "language,pretrain,encode" },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});
const RUNS = { language: 2, pretrain: 2, encode: 4 };

const ratio = (ours, theirs) => (theirs ? (median(ours) / median(theirs)).toFixed(2) : "");

const table = new Table({
  head: [
    "task",
    "engine",
    "s/run",
    "/ PyTorch",
    "CPU s/run",
    "/ PyTorch",
    "tokens/s",
    "peak GiB",
    "result",
  ],
  style: { head: [], border: [] },
});
let torchVersion;
for (const task of options.only.split(",")) {
  const ours = start(process.execPath, ["engine-worker.js", task, options.threads]);
  const description = await ours.read();
  const torch = start(options.python, ["reference/engine.py"], {
    OMP_NUM_THREADS: options.threads,
    LD_LIBRARY_PATH: OPENBLAS,
  });
  const hello = await torch.ask(JSON.stringify(description));
  torchVersion = hello?.version;
  const engines = { ours, ...(hello && { PyTorch: torch }) };
  const seen = Object.fromEntries(
    Object.keys(engines).map((name) => [name, { times: [], cpu: [] }]),
  );
  for (let round = 0; round <= Number(options.rounds); round++)
    for (const [name, engine] of Object.entries(engines)) {
      const { times, cpu, ...rest } = await engine.ask(RUNS[task]);
      Object.assign(seen[name], rest);
      if (round === 0) continue; // warms up
      seen[name].times.push(...times);
      seen[name].cpu.push(...cpu);
    }
  for (const [name, { times, cpu, peak, agreement }] of Object.entries(seen)) {
    const seconds = median(times);
    table.push([
      task,
      name,
      seconds.toFixed(3),
      ratio(times, seen.PyTorch?.times),
      median(cpu).toFixed(3),
      ratio(cpu, seen.PyTorch?.cpu),
      Math.round(description.tokens / seconds),
      (peak / 2 ** 30).toFixed(2),
      agreement.toPrecision(6),
    ]);
    engines[name].end();
  }
}
console.log(table.toString());
console.log(
  torchVersion
    ? `PyTorch ${torchVersion}, OpenBLAS with OpenMP where installed. Equal results (the loss, or the ` +
        "mean absolute state) show that both did the same work."
    : `No PyTorch in ${options.python}: only ours was measured.`,
);
console.log(
  `${options.threads} threads on ${cpus()[0].model}; load average ${loadavg()[0].toFixed(1)}.`,
);
