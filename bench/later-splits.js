// Splits TOP's training trials by time, so that settings can be chosen without a test split: the first
// three quarters by NCT number train, the rest is scored. benchmarks/rates.yaml reads what this writes.
//
//   npm run build && node bench/later-splits.js [--data ../shared/data/top] [--out runs/later]
//   npx cladmop benchmark benchmarks/rates.yaml --out runs/rates
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "csv-parse/sync";
import { readText, writeWhole } from "../dist/base/file.js";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data/top" },
    out: { type: "string", default: "runs/later" },
  },
});
const SHARE = 0.75;

mkdirSync(options.out, { recursive: true });
for (const name of ["phase_I_train", "phase_II_train_partial", "phase_III_train_partial"]) {
  const [header, ...rows] = parse(readText(join(options.data, `${name}.csv`)));
  const nctId = header.indexOf("nctid");
  rows.sort((a, b) => (a[nctId] < b[nctId] ? -1 : 1));
  const cut = Math.floor(SHARE * rows.length);
  for (const [part, some] of [
    ["earlier", rows.slice(0, cut)],
    ["later", rows.slice(cut)],
  ]) {
    const file = join(options.out, `${name}_${part}.csv`);
    writeWhole(file, [header, ...some].map(line).join("\n"));
    console.log(`${file}: ${some.length} trials`);
  }
}

function line(fields) {
  return fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(",");
}
