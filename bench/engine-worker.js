// One task of bench/engine.js in a process of its own: node bench/engine-worker.js TASK THREADS.
// First line out: what the task is made of, for the twin in PyTorch. Then, for each number of runs
// read from the input, one line with what they took.
import { createInterface } from "node:readline";
import { compile, cpu, nextName, stepFeeds } from "../dist/graph/index.js";
import { agreementOf, LEARNING_RATE, prepare } from "./engine-tasks.js";

const [task, threads] = [process.argv[2], Number(process.argv[3])];
const { graph, feeds, description } = prepare(task);
console.log(JSON.stringify({ ...description, threads }));

const session = await compile(graph, cpu(threads));
let step = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const times = [];
  const cpu = [];
  let results = {};
  for (let run = 0; run < Number(line); run++) {
    const start = performance.now();
    const before = process.cpuUsage();
    if (description.adam) Object.assign(feeds, stepFeeds(++step, LEARNING_RATE, description.adam));
    results = await session.run(feeds);
    for (const name of Object.keys(feeds))
      if (nextName(name) in results) feeds[name] = results[nextName(name)];
    times.push((performance.now() - start) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1e6);
  }
  const agreement = agreementOf(results, description);
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ times, cpu, agreement, peak }));
}
