import { useId, useRef, useState } from "preact/hooks";

interface LookUpFormProps {
  readonly label: string;
  readonly placeholder?: string;
  /** @param nctId as it was typed, without space around it */
  readonly lookUp: (nctId: string) => void;
}

/** Asks for the NCT number of a trial. */
export function LookUpForm({ label, placeholder, lookUp }: LookUpFormProps) {
  const id = useId();
  const [nctId, setNctId] = useState("");
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLInputElement>(null);
  return (
    <form
      class="field"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = nctId.trim();
        if (/^nct\d{8}$/i.test(wanted)) return lookUp(wanted);
        setProblem("Give NCT and eight digits, such as NCT01234567.");
        field.current?.focus();
      }}
    >
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          ref={field}
          type="text"
          value={nctId}
          placeholder={placeholder}
          maxLength={20}
          aria-describedby={`${id}-p`}
          aria-invalid={problem !== "" || undefined}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => {
            setNctId(event.currentTarget.value);
            setProblem("");
          }}
        />
        <button type="submit" class="quiet">
          Look up
        </button>
      </div>
      <div id={`${id}-p`} class="problems" role="alert">
        {problem !== "" && <p>{problem}</p>}
      </div>
    </form>
  );
}
