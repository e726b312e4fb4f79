// Ours in bench/encode.js: node bench/encode-worker.js ENCODER WORK THREADS. For each line read, encodes all
// texts in lots like those of `cladmop encode`, and prints one line with what that took.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fromFloat16 } from "../dist/base/float16.js";
import { cpu } from "../dist/graph/index.js";
import { loadEncoder } from "../dist/language/index.js";

const LOT = 64;
const [encoder, work, threads] = process.argv.slice(2);
const { texts, levels } = JSON.parse(readFileSync(work, "utf8"));
const { encode, countTokens } = loadEncoder(encoder, levels, cpu(Number(threads)));
console.log("{}");
for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  let sum = 0;
  let count = 0;
  let own = 0;
  for (let first = 0; first < texts.length; first += LOT)
    for (const states of await encode(texts.slice(first, first + LOT))) {
      const before = performance.now();
      for (const value of fromFloat16(states.levels.at(-1))) sum += Math.abs(value);
      count += states.levels.at(-1).length;
      own += performance.now() - before;
    }
  const seconds = (performance.now() - begin - own) / 1000;
  const start = performance.now();
  for (const text of texts) countTokens(text);
  const tokenising = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ times: [seconds], tokenising, agreement: sum / count }));
}
