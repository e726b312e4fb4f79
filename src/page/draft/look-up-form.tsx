import { useId, useState } from "preact/hooks";

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
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        lookUp(nctId.trim());
      }}
    >
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          type="text"
          value={nctId}
          placeholder={placeholder}
          pattern="\s*[Nn][Cc][Tt][0-9]{8}\s*"
          title="NCT and eight digits"
          required
          maxLength={20}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setNctId(event.currentTarget.value)}
        />
        <button type="submit" class="quiet">
          Look up
        </button>
      </div>
    </form>
  );
}
