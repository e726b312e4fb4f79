import { InputError } from "../base/error.js";

/** This machine may not run a job: its program or a file is another one. Other machines may. */
export class Refused extends InputError {}
