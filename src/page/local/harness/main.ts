import type { LoadProgress } from "../../api.js";
import { openLocalApi } from "../local-api.js";

// What tests and the bench drive, built as the page is.

/** Opens the model as `api`, and gives what was reported of its loading. */
async function open(): Promise<LoadProgress[]> {
  const reports: LoadProgress[] = [];
  Object.assign(window, { api: await openLocalApi((report) => reports.push(report)) });
  return reports;
}
Object.assign(window, { open });
