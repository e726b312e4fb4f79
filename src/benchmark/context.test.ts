import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeWhole } from "../base/file.js";
import { cpu } from "../graph/index.js";
import { PRESETS } from "../model/index.js";
import { Context } from "./context.js";
import { SILENT } from "./test-support.js";

const out = mkdtempSync(join(tmpdir(), "cladmop-context-"));
after(() => rmSync(out, { recursive: true }));
const drugs = join(out, "drugs.tsv");
const config = {
  encoder: join(out, "encoder"),
  drugs,
  datasets: {},
  pretraining: { trials: [], studies: [], exclude: [] },
  seeds: [1],
  models: {},
  experiments: [],
};
const options = { config, out, cache: out, cacheLimit: 1, ...cpu(1), skipInvalid: false };
const context = new Context(options, SILENT);

test("what fails is made again, what succeeds is kept", async () => {
  await assert.rejects(context.resources(), /drugs\.tsv: cannot be read/);
  writeWhole(drugs, "ethanol\tCCO\n");
  const resources = await context.resources();
  assert.equal(await context.resources(), resources);

  const spec = {
    preset: "default" as const,
    config: PRESETS.default,
    pretrained: false,
    sct: 1,
    seed: 1,
  };
  const base = { id: "a", spec };
  await assert.rejects(context.base(base), /table\.json: cannot be read/);
  writeWhole(context.folder("bases", "a", "table.json"), "[]");
  const loaded = await context.base(base);
  assert.equal(await context.base(base), loaded);
});
