import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { useAsked } from "../ask.js";
import { plural } from "../words.js";

interface ComboboxProps<T> {
  readonly label: string;
  readonly hint: string;
  readonly suggest: (text: string, signal: AbortSignal) => Promise<readonly T[]>;
  readonly nameOf: (suggestion: T) => string;
  readonly show: (suggestion: T) => ComponentChildren;
  /** What was added before. */
  readonly picked: readonly string[];
  /** Taken from the list, or written freely: then there is no suggestion. */
  readonly add: (name: string, suggestion: T | undefined) => void;
  readonly describedBy?: string | undefined;
  readonly isInvalid: boolean;
}

/** Milliseconds without a key before suggestions are asked for. */
const PAUSE = 120;

/**
 * A text field with a list of suggestions, by the ARIA Authoring Practices' pattern of an editable combobox with list
 * autocompletion: arrows move in the list, Enter takes (what is written, if nothing is marked), Escape closes.
 */
export function Combobox<T>(props: ComboboxProps<T>) {
  const id = useId();
  const [text, setText] = useState("");
  const [marked, setMarked] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const wanted = text.trim();
  const asks = isOpen && wanted.length >= 2;
  const asked = useAsked(
    asks ? (signal) => props.suggest(wanted, signal) : undefined,
    [asks, wanted],
    PAUSE,
  );
  const suggestions = asks ? (asked.value ?? []) : [];
  const isExpanded = suggestions.length > 0;

  const [notice, setNotice] = useState("");

  const take = (name: string, suggestion?: T) => {
    if (name === "") return;
    const before = props.picked.find((one) => one.toLowerCase() === name.toLowerCase());
    if (before === undefined) props.add(name, suggestion);
    else setNotice(`${before} is in the list already.`);
    setText("");
    setMarked(-1);
    setOpen(false);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => {
      setOpen(true);
      if (isExpanded) setMarked((marked + 1) % suggestions.length);
    },
    ArrowUp: () => {
      if (isExpanded) setMarked(marked <= 0 ? suggestions.length - 1 : marked - 1);
    },
    Enter: () => {
      const suggestion = suggestions[marked];
      if (suggestion === undefined) take(wanted);
      else take(props.nameOf(suggestion), suggestion);
    },
    Escape: () => {
      if (isExpanded) setOpen(false);
      else setText("");
      setMarked(-1);
    },
  };
  return (
    <div class="combobox">
      <label for={id}>{props.label}</label>
      <div class="with-button">
        <input
          id={id}
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          maxLength={500}
          aria-autocomplete="list"
          aria-expanded={isExpanded}
          aria-controls={`${id}-list`}
          aria-activedescendant={isExpanded && marked >= 0 ? `${id}-${marked}` : undefined}
          aria-describedby={[`${id}-hint`, props.describedBy].filter(Boolean).join(" ")}
          aria-invalid={props.isInvalid || undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setNotice("");
            setOpen(true);
            setMarked(-1);
          }}
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            const act = keys[event.key];
            if (act === undefined || event.isComposing) return;
            event.preventDefault();
            act();
          }}
        />
        <button type="button" class="quiet" disabled={wanted === ""} onClick={() => take(wanted)}>
          Add<span class="unseen"> to {props.label}</span>
        </button>
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Suggestions" hidden={!isExpanded}>
        {suggestions.map((suggestion, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the marked option
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's
          <div
            key={props.nameOf(suggestion)}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === marked}
            ref={(option) => {
              if (i === marked) option?.scrollIntoView({ block: "nearest" });
            }}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(props.nameOf(suggestion), suggestion)}
          >
            {props.show(suggestion)}
          </div>
        ))}
      </div>
      <p id={`${id}-hint`} class="hint">
        {props.hint}
      </p>
      <p class={notice === "" ? "unseen" : "hint"} role="status">
        {isExpanded ? plural(suggestions.length, "suggestion") : notice}
      </p>
    </div>
  );
}
