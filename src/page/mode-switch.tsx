import type { LoadProgress } from "./api.js";

export type Mode = "server" | "browser";

/** Where it runs; always in sight. */
export function ModeSwitch({ mode, choose }: { mode: Mode; choose: (mode: Mode) => void }) {
  return (
    <fieldset class="mode">
      <legend>Where it runs</legend>
      {(
        [
          ["server", "on the ", "server"],
          ["browser", "in this ", "browser"],
        ] as const
      ).map(([value, where, name]) => (
        <label key={value}>
          <input type="radio" name="mode" checked={mode === value} onChange={() => choose(value)} />
          <span>
            <span class="wide-only">{where}</span>
            {name}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** How far the model is on its way into the browser. */
export function Loading({ progress }: { progress: LoadProgress | undefined }) {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return (
    <section class="loading" aria-labelledby="loading">
      <h1 id="loading" tabIndex={-1}>
        The model comes into this browser
      </h1>
      <p>
        It is fetched once and kept here. From then on nothing that you write leaves this machine.
        There is no history, and NCT numbers are not looked up, as that would tell the server what
        you look at.
      </p>
      <progress
        aria-label="Loaded"
        max={progress?.total || undefined}
        value={progress !== undefined && progress.total > 0 ? progress.bytes : undefined}
      />
      <p class="soft" role="status">
        {progress === undefined
          ? "Starting …"
          : `${progress.what}${progress.total > 0 ? `: ${megabytes(progress.bytes)} of ${megabytes(progress.total)} MB` : ""}`}
      </p>
    </section>
  );
}
