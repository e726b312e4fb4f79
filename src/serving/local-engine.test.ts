import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { trialOf } from "../trial/index.js";
import { openEngine } from "./local-engine.js";
import { SHIPPED_MODEL } from "./predictor.js";

test("after a SMILES of any size and form, molecules are drawn and trials of drugs not yet seen predicted", async (t) => {
  const engine = await openEngine({ model: SHIPPED_MODEL, threads: 1 });
  t.after(() => engine.release());
  const texts = [
    "C".repeat(1900),
    "C(".repeat(600) + "C".concat(")".repeat(600)),
    "(".repeat(1900),
    "[".repeat(1900),
    "C1CC1".repeat(380),
    "C.".repeat(900),
    "%(99999)".repeat(200),
    "[U]123456789".repeat(9),
  ];
  const drugs = ["Aspirin", "Metformin", "Ibuprofen", "Warfarin", "Caffeine", "Imatinib"];
  drugs.push("Dexamethasone", "Fluorouracil");
  for (const [i, text] of texts.entries()) {
    await assert.rejects(engine.structure(text), { name: "InputError" }, text.slice(0, 20));
    assert.match(await engine.structure("CCO"), /^<svg/);
    const [prediction] = await engine.predict([
      trialOf({
        phase: "2",
        conditions: ["Asthma"],
        interventions: [{ type: "DRUG", name: drugs[i]!, otherNames: [] }],
        eligibilityCriteria: "Inclusion Criteria:\n- Age of 18 years or more",
      }),
    ]);
    assert.ok(prediction!.probability > 0 && prediction!.probability < 1);
  }
});

test("a vocabulary's molecule that is too large is named by its row", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-engine-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const drugs = join(folder, "drugs.tsv");
  writeFileSync(drugs, `ethanol\tCCO\npolyethylene\t${"C".repeat(1900)}\n`);
  await assert.rejects(openEngine({ model: SHIPPED_MODEL, drugs, threads: 1 }), {
    name: "InputError",
    message: /drugs\.tsv, row 2, field "SMILES": the molecule "C{60}…" is too large: 1900 atoms/,
  });
});
