/**
 * The id of a trial as every reader gives it, so that one trial has one id wherever its record came
 * from: without space around it, and the registry's in capitals ("nct01657760" → "NCT01657760"). Other
 * ids, such as those of drafts, stay as they are.
 */
export function nctIdOf(text: string): string {
  const id = text.trim();
  return /^nct\d+$/i.test(id) ? id.toUpperCase() : id;
}
