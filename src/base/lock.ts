import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "./error.js";
import { makeFolder } from "./file.js";

/**
 * Does work in a folder that no other process may work in at the same time: its number stands in a file
 * meanwhile. What a killed process left behind is taken over.
 * @throws InputError if another process is at work there
 */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  makeFolder(dirname(file));
  take(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): void {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const other = Number(readFileSync(file, "utf8"));
    if (other !== process.pid && isAlive(other))
      throw new InputError(`process ${other} is at work in this folder`, {
        file: dirname(file),
        remedy: "Wait for it, stop it, or choose another folder with --out",
      });
    rmSync(file, { force: true });
    take(file);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
