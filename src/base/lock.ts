import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "./error.js";
import { makeFolder } from "./file.js";

/**
 * Does work in a folder that no other process may work in at the same time: its number stands in a file
 * meanwhile. What a killed process left behind is taken over.
 * @param busy called with the number of another process that is at work, until there is none
 * @throws what `busy` throws; unless it is given, InputError if another process is at work there
 */
export async function locked<T>(
  file: string,
  work: () => Promise<T>,
  busy: (other: number) => Promise<void> = refuse(file),
): Promise<T> {
  makeFolder(dirname(file));
  while (!take(file)) {
    const other = holderOf(file);
    if (other === undefined) continue;
    if (other !== process.pid && isAlive(other)) await busy(other);
    else rmSync(file, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

const refuse = (file: string) => async (other: number) => {
  throw new InputError(`process ${other} is at work in this folder`, {
    file: dirname(file),
    remedy: "Wait for it, stop it, or choose another folder with --out",
  });
};

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** The number of the process that holds a file; undefined if it has let go just now. */
function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
