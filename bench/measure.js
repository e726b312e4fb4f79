// What the benchmarks of the engine share.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Where Debian has the OpenBLAS that makes its PyTorch fast. */
export const OPENBLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp";

export const median = (numbers) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A process that answers each line with a line. Its first argument is a file beside this one. */
export function start(command, [file, ...args], env = {}) {
  const child = spawn(command, [pathOf(file), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    return done ? undefined : JSON.parse(value);
  };
  const ask = (line) => {
    child.stdin.write(`${line}\n`);
    return read();
  };
  return { read, ask, end: () => child.stdin.end() };
}
