import { type ComponentChildren, toChildArray } from "preact";

/** Short things in a line, a dot between them: in the text, too, so that a copy or a screen reader keeps them apart. */
export function Parts({ children }: { children: ComponentChildren }) {
  return (
    <>
      {toChildArray(children).map((part, i) => (
        <>
          {i > 0 && " · "}
          {part}
        </>
      ))}
    </>
  );
}
