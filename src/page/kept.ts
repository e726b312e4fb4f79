// What the browser keeps of the page: where it runs and how it looks, for good; a token, as long as the tab is open.
// Drafts and answers are never kept here.

/** A value under a name; nothing is kept where the browser forbids it. */
function slot(storage: () => Storage, name: string) {
  return {
    get(): string | null {
      try {
        return storage().getItem(name);
      } catch {
        return null;
      }
    },
    set(value: string | null) {
      try {
        if (value === null) storage().removeItem(name);
        else storage().setItem(name, value);
      } catch {
        // Then it holds until the page is left.
      }
    },
  };
}

export const keptTheme = slot(() => localStorage, "cladmop-theme");
export const keptMode = slot(() => localStorage, "cladmop-runs-in");
export const keptToken = slot(() => sessionStorage, "cladmop-token");
