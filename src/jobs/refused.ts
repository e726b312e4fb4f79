import { InputError } from "../base/error.js";

/** The name of {@link Refused}, by which it is known where its class is lost: beyond a thread. */
export const REFUSED = "Refused";

/** This machine may not run a job: its program or a file is another one. Other machines may. */
export class Refused extends InputError {
  override name = REFUSED;
}
