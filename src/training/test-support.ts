/** Made-up records of the registry, no two with the same criteria. */
export const studiesNdjson = (count: number): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      protocolSection: {
        identificationModule: { nctId: `NCT99${String(i).padStart(6, "0")}` },
        eligibilityModule: { eligibilityCriteria: `Adults with gout for ${i} months` },
        conditionsModule: { conditions: ["Gout"] },
        designModule: { phases: ["PHASE2"] },
      },
    }),
  ).join("\n");
