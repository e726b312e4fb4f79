import { useId, useState } from "preact/hooks";

interface SignInProps {
  /** Why the last token was not taken; else empty. */
  readonly reason: string;
  /** Whether a token is being tried. */
  readonly isChecking: boolean;
  readonly enter: (token: string) => void;
}

/** Asks for a token. It is kept until the tab is closed. */
export function SignIn({ reason, isChecking, enter }: SignInProps) {
  const id = useId();
  const [token, setToken] = useState("");
  return (
    <section class="sign-in">
      <h1 tabIndex={-1}>This server asks for a token</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isChecking) enter(token.trim());
        }}
      >
        <div class="field">
          <label for={id}>Token</label>
          <input
            id={id}
            type="password"
            autocomplete="off"
            required
            value={token}
            placeholder="cladmop_…"
            aria-describedby={`${id}-hint ${id}-why`}
            aria-invalid={reason !== "" || undefined}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
          <div id={`${id}-why`} class="problems" role="alert">
            {reason !== "" && <p>{reason}</p>}
          </div>
          <p id={`${id}-hint`} class="hint">
            Whoever runs the server makes one: <code>cladmop token add NAME</code>. It is forgotten
            when this tab is closed.
          </p>
        </div>
        <button type="submit" class="main" aria-disabled={isChecking}>
          Go on
        </button>
      </form>
    </section>
  );
}
