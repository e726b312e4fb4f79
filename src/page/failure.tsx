import { useEffect, useState } from "preact/hooks";
import { otherProblems } from "./draft/form-draft.js";
import { Problem, wordsOf } from "./problem.js";

/** Times a busy server is asked again before the reader is. A failure comes and goes with each try, so they are counted here. */
const MOST_RETRIES = 5;
/** Milliseconds without a try after which the count starts anew. */
const FORGOTTEN = 60_000;
let retries = 0;
let lastRetry = 0;

/**
 * What went wrong, in words, and a way on. A server that is busy (503) or asked too often (429) says when to ask again:
 * then it is asked again by itself.
 */
export function Failure({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  const [left, setLeft] = useState<number>();
  const after = error instanceof Problem ? error.retryAfter : undefined;
  useEffect(() => {
    if (Date.now() - lastRetry > FORGOTTEN) retries = 0;
    if (after === undefined || again === undefined || retries >= MOST_RETRIES) return;
    retries += 1;
    lastRetry = Date.now();
    let seconds = Math.max(1, Math.ceil(after));
    setLeft(seconds);
    const timer = setInterval(() => {
      seconds -= 1;
      setLeft(seconds);
      if (seconds > 0) return;
      clearInterval(timer);
      again();
    }, 1000);
    return () => clearInterval(timer);
  }, [error]);
  const fields = error instanceof Problem ? otherProblems(error.fields) : [];
  return (
    <div class="failure" role="alert">
      <p>{wordsOf(error)}</p>
      {fields.some(({ message }) => !wordsOf(error).includes(message)) && (
        <ul>
          {fields.map(({ field, message }) => (
            <li key={field + message}>
              {field !== "" && <code>{field}</code>} {message}
            </li>
          ))}
        </ul>
      )}
      {again !== undefined && (
        <p>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              retries = 0;
              again();
            }}
          >
            Try again
          </button>
          {left !== undefined && left > 0 && (
            <span aria-hidden="true"> or wait: asked again in {left} s</span>
          )}
        </p>
      )}
    </div>
  );
}
