import { CommanderError } from "commander";
import { InputError, messageOf } from "../base/error.js";

/** What the system says where a path or a disk is at fault, not the program. */
const SYSTEM_FAULTS = new Set([
  "EACCES",
  "EDQUOT",
  "EEXIST",
  "EISDIR",
  "ENOENT",
  "ENOSPC",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/**
 * Says on standard error why a command failed, in one line, and returns its exit code: 2 for bad
 * input or usage, 130 for a job that the user stopped, 1 for a fault of the program, whose stack
 * CLADMOP_DEBUG=1 shows. Errors are told apart by name: a worker thread does not hand over classes.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has said why
  const { name, code, path, stack } = error as Partial<NodeJS.ErrnoException>;
  if (name === "InputError" || name === "Interrupted") {
    process.stderr.write(`${messageOf(error)}\n`);
    return name === "InputError" ? 2 : 130;
  }
  if (code !== undefined && SYSTEM_FAULTS.has(code)) {
    return exitCodeOf(
      new InputError(`the system reports ${messageOf(error)}`, {
        file: path,
        remedy: "Check the path, its permissions and the free disk space",
      }),
    );
  }
  const debug = process.env.CLADMOP_DEBUG === "1";
  process.stderr.write(
    debug ? `${stack}\n` : `${messageOf(error)} (CLADMOP_DEBUG=1 shows where)\n`,
  );
  return 1;
}
