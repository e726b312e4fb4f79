export {
  Figures,
  HistoryEntry,
  HistoryRow,
  LabelInput,
  ModelPerformance,
  ModelVersion,
  Performance,
} from "./answer.js";
export { HistoryFault } from "./fault.js";
export {
  type Found,
  type History,
  type Kept,
  MOST_ROWS,
  type Receipt,
  SCOPES,
  type Scope,
  type Search,
  type TokenInfo,
} from "./history.js";
export { defaultHistory, openHistory } from "./open.js";
