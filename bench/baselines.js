// What do word and character counts alone reach? The rows every model has to beat.
//
//   npm run build && node bench/baselines.js [TRAIN.csv VALID.csv TEST.csv]
import { evaluationTable } from "../dist/evaluation/index.js";
import { fitBaselines, readSplits, tableRows } from "./baseline-models.js";

const SEED = 1;
const [train, valid, test] = readSplits(process.argv.slice(2));
console.log(`${test.file}: ${test.labels.length} trials`);
console.log(evaluationTable(tableRows(fitBaselines(train), valid, test, SEED)));
