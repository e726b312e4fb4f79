import type { Finding } from "./finding.js";
import type { AuditInput, DataSet } from "./input.js";

/** What a check says of one place; the rest of a {@link Finding} is the same wherever it is found. */
export type Found = Pick<Finding, "severity" | "subject" | "found" | "examples">;

/** Looks for one kind of leak in everything that is audited. */
export interface Check extends Pick<Finding, "why" | "remedy"> {
  readonly name: string;
  readonly find: (input: AuditInput) => Found[];
}

/** A search that looks at each data set by itself. */
export const inEachDataSet =
  (find: (dataSet: DataSet) => Omit<Found, "subject">[]): Check["find"] =>
  ({ dataSets }) =>
    dataSets.flatMap((dataSet) =>
      find(dataSet).map((found) => ({ ...found, subject: dataSet.name })),
    );
