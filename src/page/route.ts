import { useEffect, useState } from "preact/hooks";

export const VIEWS = ["predict", "compare", "history", "model"] as const;
export type View = (typeof VIEWS)[number];

const viewOf = (hash: string): View => VIEWS.find((view) => hash === `#${view}`) ?? "predict";

/** The view that the address names. */
export function useView(): View {
  const [view, setView] = useState(() => viewOf(location.hash));
  useEffect(() => {
    const follow = () => setView(viewOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return view;
}

export const goTo = (view: View): void => {
  location.hash = view;
};
