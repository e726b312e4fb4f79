import { InputError } from "../base/error.js";

/** The name of {@link Refused}, by which it is known where its class is lost: beyond a thread. */
export const REFUSED = "Refused";

/** This machine may not run a job: its program or a file is another one. Other machines may. */
export class Refused extends InputError {
  override name = REFUSED;
}

/** What the shared place answers. @throws Refused where this machine does not get at it */
export async function seen<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new Refused(error.problem, error.location);
  }
}
