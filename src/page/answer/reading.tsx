import type { Prediction } from "../../serving/answer.js";
import type { Api } from "../api.js";
import { Structure } from "../structure.js";
import { count, drugName, plural, visible } from "../words.js";

/** What the model saw of a trial, and what it did not. */
export function ReadingView({ api, prediction }: { api: Api; prediction: Prediction }) {
  const { reading, missing } = prediction;
  const unread = [
    ...missing,
    ...reading.ignoredInterventions.map(({ name, reason }) => `${name}: ${reason}`),
  ];
  return (
    <section aria-labelledby="seen">
      <h3 id="seen">What the model saw</h3>
      {reading.molecules.length > 0 ? (
        <ul class="molecules">
          {reading.molecules.map(({ name, smiles }, i) => (
            <li key={`${name} ${i}`}>
              <Structure api={api} smiles={smiles} name={name} />
              <span>{drugName(visible(name))}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p>No drug.</p>
      )}
      <dl class="facts">
        <div>
          <dt>Diseases</dt>
          <dd>
            {reading.diseases.length === 0 && "None."}
            <ul class="tokens">
              {reading.diseases.map(({ token, title, known }) => (
                <li key={token} class={known ? undefined : "unknown"}>
                  {tokenName(token)}
                  {title !== null && <small> {title}</small>}
                  {!known && <small> new to the model</small>}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt>Criteria</dt>
          <dd>
            {plural(reading.inclusion.length, "inclusion statement")},{" "}
            {plural(reading.exclusion.length, "exclusion statement")}; {count(reading.tokens)}{" "}
            tokens, all of them read
            <StatementsRead heading="Inclusion" statements={reading.inclusion} />
            <StatementsRead heading="Exclusion" statements={reading.exclusion} />
          </dd>
        </div>
        {unread.length > 0 && (
          <div>
            <dt>Not seen</dt>
            <dd>
              <ul class="plain">
                {unread.map((what) => (
                  <li key={what}>
                    <bdi>{visible(what)}</bdi>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** Each statement as the criteria were parsed into, folded. */
function StatementsRead({
  heading,
  statements,
}: {
  heading: string;
  statements: readonly string[];
}) {
  if (statements.length === 0) return null;
  return (
    <details class="read">
      <summary>{heading} statements as read</summary>
      <ol class="numbered">
        {statements.map((text, i) => (
          <li key={i}>
            <bdi>{visible(text)}</bdi>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** "category:E11" → "category E11". */
const tokenName = (token: string): string => token.replace(":", " ");
