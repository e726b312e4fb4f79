import type { Neighbour } from "../../serving/answer.js";
import { Parts } from "../parts.js";
import { capital, drugName, phaseName } from "../words.js";

/** Past trials most like this one, and what became of them. */
export function SimilarTrials({ neighbours }: { neighbours: readonly Neighbour[] }) {
  if (neighbours.length === 0) return <p>The index has no other trial.</p>;
  const known = neighbours.filter(({ outcome }) => outcome.label !== null);
  const succeeded = known.filter(({ outcome }) => outcome.label === 1).length;
  return (
    <>
      <p class="note">
        {known.length > 0 && `Of ${known.length} with a known outcome, ${succeeded} succeeded. `}
        They show what the model thinks alike; the probability is not taken from them.
      </p>
      <ol class="neighbours">
        {neighbours.map((one) => (
          <li key={one.nctId}>
            <p class="name">
              <Name neighbour={one} />
            </p>
            <p>
              {[one.drugs.map(drugName).join(", "), one.conditions.join(", ")]
                .filter((part) => part !== "")
                .join(" · ")}
            </p>
            <p class="soft">
              <Parts>
                <span class={`nowrap outcome ${one.outcome.label === 1 ? "good" : ""}`}>
                  {outcomeOf(one)}
                </span>
                {one.title !== null && <span class="nowrap">{one.nctId}</span>}
                <span class="nowrap">{capital(phaseName(one.phase))}</span>
                {one.outcome.completionDate !== null && (
                  <span class="nowrap">{one.outcome.completionDate}</span>
                )}
                <span class="nowrap">similarity {one.similarity.toFixed(2)}</span>
              </Parts>
            </p>
            {one.outcome.whyStopped !== null && <p class="soft">“{one.outcome.whyStopped}”</p>}
          </li>
        ))}
      </ol>
    </>
  );
}

/** A link only if it leads to a web page, whatever the index says. */
function Name({ neighbour: { title, nctId, url } }: { neighbour: Neighbour }) {
  const name = title ?? nctId;
  if (url?.startsWith("https://") !== true) return <>{name}</>;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {name}
      <span class="unseen"> (opens {new URL(url).hostname})</span>
    </a>
  );
}

function outcomeOf({ outcome: { label, status } }: Neighbour): string {
  const word = label === null ? "Outcome unknown" : label === 1 ? "✓ Succeeded" : "✗ Failed";
  return status === null ? word : `${word} (${status.toLowerCase().replaceAll("_", " ")})`;
}
