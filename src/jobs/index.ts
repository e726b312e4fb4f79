// Jobs: work in threads of this process, or of any number of machines.
export { type Blobs, isBucket, openBlobs } from "./blobs.js";
export { codeHash } from "./code.js";
export { filesIn, hashesByPath, localPath, sharedPath, verifyFiles } from "./files.js";
export type { Assignment, Failure, Job, OpenJobs } from "./job.js";
export { openLanes, type Where } from "./lanes.js";
export { runPool } from "./pool.js";
export { Refused } from "./refused.js";
export { Results } from "./results.js";
export { type QueueWorker, startWorker } from "./worker.js";
