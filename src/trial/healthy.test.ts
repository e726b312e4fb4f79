import assert from "node:assert/strict";
import { test } from "node:test";
import { takesHealthyVolunteers } from "./healthy.js";
import type { Trial } from "./record.js";

const trial = (conditions: string[], eligibilityCriteria: string): Trial => ({
  nctId: "NCT99000001",
  phase: "1",
  conditions,
  icd10: [],
  interventions: [],
  givenSmiles: [],
  eligibilityCriteria,
});

test("a condition or a statement of inclusion calls the participants healthy", () => {
  for (const condition of ["Healthy", "healthy volunteers"]) {
    assert.ok(takesHealthyVolunteers(trial([condition], "Adults aged 18 to 50")), condition);
  }
  for (const statement of [
    "Healthy as determined by a physician",
    "Subjects must be healthy adults, aged 18 to 55",
    "Patients with asthma (part A) or healthy smokers (part B)",
    "Accepts healthy volunteers: Yes",
  ]) {
    const text = `Inclusion Criteria:\n* ${statement}\nExclusion Criteria:\n* Pregnancy`;
    assert.ok(takesHealthyVolunteers(trial(["asthma"], text)), statement);
  }
});

test("patients in good health, donors and exclusions are none", () => {
  for (const statement of [
    "Obese but otherwise healthy women",
    "Judged to be otherwise healthy by the investigator",
    "Generally healthy apart from the pain",
    "In good general health",
    "A healthy donor is available",
    "Available healthy related donors",
    "Healthy enough to undergo biopsy",
    "Accepts Healthy Volunteers: No",
    "Unhealthy diet",
  ]) {
    const text = `Inclusion Criteria:\n* ${statement}\nExclusion Criteria:\n* Healthy volunteers`;
    assert.ok(!takesHealthyVolunteers(trial(["pain"], text)), statement);
  }
});
