import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("./main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cladmop-sct-cli-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs the command line to its end, beside a server in this process. */
async function cladmop(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  const [code] = await once(child, "close");
  return { code, out, err };
}

const page = JSON.stringify({
  studies: ["NCT00000001", "NCT00000002"].map((nctId, i) => ({
    protocolSection: {
      identificationModule: { nctId },
      eligibilityModule: { eligibilityCriteria: "Adults" },
      conditionsModule: { conditions: ["Gout"] },
      designModule: { phases: ["PHASE1"] },
      armsInterventionsModule: {
        interventions: [{ type: "DRUG", name: ["Colchicine", "Madeupib"][i] }],
      },
    },
  })),
  totalCount: 2,
});

test("fetch and build go from the registry to chosen trials with a card", async () => {
  const server = createServer((_, response) => response.end(page));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const fetching = ["sct", "fetch", "--url", url, "--out", "all.ndjson.gz"];
  const fetched = await cladmop(...fetching);
  assert.deepEqual([fetched.code, fetched.out], [0, "all.ndjson.gz: 2 studies\n"], fetched.err);
  const again = await cladmop(...fetching);
  assert.equal(again.code, 2);
  assert.match(again.err, /all\.ndjson\.gz: is there already/);
  server.close();

  writeFileSync(join(folder, "approved.csv"), "name,smiles\nMadeupib,FC(F)(F)CCCCO\n");
  const building = ["sct", "build", "--studies", "all.ndjson.gz", "--drugs", "approved.csv"];
  const built = await cladmop(...building, "--out", "sct");
  assert.equal(built.code, 0, built.err);
  assert.match(
    built.out,
    /^sct: 1 successful trials: 1 molecules, .*Left out: 1 no approved drug\. No file was/,
  );
  for (const name of ["trials.ndjson.gz", "drugs.tsv", "card.json", "card.md"])
    assert.ok(existsSync(join(folder, "sct", name)), name);
  const { out } = await cladmop(...building, "--out", "json", "--json");
  const { trials, byPhase, leftOut } = JSON.parse(out);
  assert.deepEqual([trials, byPhase, leftOut], [1, { "1": 1 }, { "no approved drug": 1 }]);
});
