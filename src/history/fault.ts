import { InputError } from "../base/error.js";

/**
 * The database cannot do what it should: it is full, locked, damaged or away. For a command this is bad input like
 * any other; a service answers that it is unavailable, since the request was good.
 */
export class HistoryFault extends InputError {
  static of({ problem, location }: InputError): HistoryFault {
    return new HistoryFault(problem, location);
  }
}
