// What do adding to a history of many predictions and searching it cost, in SQLite and in PostgreSQL?
//
//   node bench/history.js [--rows 100000]
//
// Made-up criteria of some 2,500 characters, half of them common words. PostgreSQL (Debian's package) is started for the
// bench, with its usual settings, so it waits for the disk as SQLite does. Beside each call stands for how long at most
// the event loop was held up meanwhile.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Random } from "../dist/base/random.js";
import { postgresFolder, startPostgres } from "../dist/base/test-postgres.js";
import { openHistory } from "../dist/history/index.js";
import { kept } from "../dist/history/test-support.js";

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" } } });
const ROWS = Number(values.rows);
const LOT = 100;
const COMMON =
  "adults women men with without asthma gout fever migraine diabetes history of any active severe mild known " +
  "prior use treatment age years months drug dose kidney liver heart disease normal function no and or stable";
const common = COMMON.split(" ");
const random = new Random("history");
/** The word of a rank: 20,000 of them, the low ones common. */
const rareWord = (rank) => {
  const letters = new Random("word", rank);
  return Array.from({ length: 4 + letters.integer(8) }, () =>
    String.fromCharCode(97 + letters.integer(26)),
  ).join("");
};
const rare = Array.from({ length: 20_000 }, (_, rank) => rareWord(rank));
const word = () =>
  random.uniform() < 0.5
    ? common[random.integer(common.length)]
    : rare[Math.floor(rare.length * random.uniform() ** 3)];
const made = (i) =>
  kept({
    nctId: `NCT${String(i).padStart(8, "0")}`,
    phase: ["1", "2", "3", "4"][i % 4],
    conditions: [`${word()} ${word()}`],
    eligibilityCriteria: Array.from({ length: 370 }, word).join(" "),
  });

const SEARCHES = {
  "newest 50": {},
  "phase 2": { phase: "2" },
  "labelled failures": { label: 0 },
  "since now": { since: "2999-01-01T00:00:00Z" },
  "text in most": { text: "kidney" },
  "text in few": { text: rare[15_000] },
  "text in none": { text: "pembrolizumab" },
  "an NCT id": { text: "NCT00000017" },
  "rare phrase of common words": { text: "gout fever migraine women asthma" },
  "two letters in none": { text: "§§" },
  "the last page": { cursor: "40" },
};

async function measure(history) {
  const rows = {};
  const timed = async (name, times, work) => {
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    const took = [];
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      await work(i);
      took.push(performance.now() - start);
    }
    loop.disable();
    took.sort((a, b) => a - b);
    const [median, last] = [took[Math.floor(times / 2)], took.at(-1)];
    rows[name] =
      `${median.toFixed(1)}, at most ${last.toFixed(1)} (${(loop.max / 1e6).toFixed(0)})`;
  };
  const start = performance.now();
  for (let i = 0; i < ROWS; i += LOT)
    await history.addMany(Array.from({ length: Math.min(LOT, ROWS - i) }, (_, j) => made(i + j)));
  rows[`lots of ${LOT}: a row`] = ((performance.now() - start) / ROWS).toFixed(2);
  const more = Array.from({ length: 200 }, (_, i) => made(ROWS + i));
  const ids = [];
  await timed("add", 200, async (i) => ids.push((await history.add(more[i])).id));
  await timed("label", 200, (i) => history.setLabel(ids[i], { label: 1 }));
  await timed("get", 200, (i) => history.get(ids[i]));
  for (const [name, search] of Object.entries(SEARCHES))
    await timed(name, 10, () => history.search(search));
  await timed("performance of 200", 10, () => history.performance());
  await timed("remove", 20, (i) => history.remove(ids[i]));
  return rows;
}

const folder = mkdtempSync(join(tmpdir(), "cladmop-history-bench-"));
const server = await startPostgres(postgresFolder(), true);
const columns = {};
try {
  const url = await server.newDatabase();
  for (const [name, place] of [
    ["SQLite", join(folder, "history.sqlite")],
    ["PostgreSQL", url],
  ]) {
    const history = await openHistory(place);
    columns[name] = await measure(history);
    await history.close();
  }
  const bytes = readdirSync(folder).reduce(
    (sum, name) => sum + statSync(join(folder, name)).size,
    0,
  );
  columns.SQLite["MB on disk"] = Math.round(bytes / 1e6);
  const size = "select pg_database_size($1)::float8 as bytes";
  const { rows } = await server.admin.query(size, [new URL(url).pathname.slice(1)]);
  columns.PostgreSQL["MB on disk"] = Math.round(rows[0].bytes / 1e6);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}
const table = new Table({
  head: [`${ROWS} rows, ms (loop held up)`, ...Object.keys(columns)],
  style: { head: [], border: [] },
});
for (const name of Object.keys(columns.SQLite))
  table.push([name, ...Object.values(columns).map((column) => column[name])]);
console.log(`${cpus()[0].model}, ${cpus().length} threads, Node ${process.version}`);
console.log(table.toString());
