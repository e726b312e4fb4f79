/** A process that keeps predictions in the database it is given, one after the other and in lots, and tells their ids. */
import { openHistory } from "./open.js";
import { kept } from "./test-support.js";

const history = await openHistory(process.argv[2]!);
for (let i = 0; ; i++) {
  const lot = Array.from({ length: 1 + (i % 5) }, (_, j) => kept({ title: `Trial ${i} ${j}` }));
  const receipts = i % 2 === 0 ? await history.addMany(lot) : [await history.add(lot[0]!)];
  for (const { id } of receipts) process.stdout.write(`${id}\n`);
}
