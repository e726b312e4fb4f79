import { useEffect, useRef, useState } from "preact/hooks";
import { useAnswers } from "./answer/use-answers.js";
import { ModelCard } from "./card/model-card.js";
import { Compare, type Sides } from "./compare/compare.js";
import { EMPTY, type FormDraft, formOf } from "./draft/form-draft.js";
import { Failure } from "./failure.js";
import { HistoryView } from "./history/history-view.js";
import { Loading, ModeSwitch } from "./mode-switch.js";
import { Predict } from "./predict.js";
import { goTo, useView, VIEWS, type View } from "./route.js";
import { SignIn } from "./sign-in.js";
import { ThemeSwitch } from "./theme-switch.js";
import { useApi } from "./use-api.js";

const names: Readonly<Record<View, string>> = {
  predict: "Predict",
  compare: "Compare",
  history: "History",
  model: "Model card",
};

/** The browser asks before the page is left or loaded anew, while something typed would be lost. */
function useLeaveQuestion(isUnsaved: boolean) {
  useEffect(() => {
    if (!isUnsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isUnsaved]);
}

/** The page: its head, and the view that the address names. What is typed lives here while the page is open. */
export function App() {
  const view = useView();
  const connection = useApi();
  const { api, mode, settings } = connection;
  const [draft, setDraft] = useState<FormDraft>(EMPTY);
  const [sides, setSides] = useState<Sides>([undefined, undefined]);
  /** The draft as a record, an example or the history gave it. */
  const [given, setGiven] = useState<FormDraft>(EMPTY);
  const answers = useAnswers(api, draft);
  const { kept } = answers;
  const isInHistory = kept?.draft === draft && kept.answer.id !== null;
  useLeaveQuestion(draft !== given && !isInHistory);
  const main = useRef<HTMLElement>(null);

  // Another view: its title is read out, and the next Tab goes on from there.
  const before = useRef(view);
  useEffect(() => {
    document.title = `${names[view]} – cladmop`;
    if (view === before.current) return;
    before.current = view;
    main.current?.querySelector<HTMLElement>("h1")?.focus();
    scrollTo(0, 0);
  }, [view]);

  const edit = (chosen: FormDraft) => {
    answers.clear();
    setDraft(chosen);
    goTo("predict");
  };
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        To the content
      </button>
      <header class="top">
        <p class="wordmark">cladmop</p>
        <nav aria-label="Views">
          {VIEWS.map((one) => (
            <a key={one} href={`#${one}`} aria-current={one === view ? "page" : undefined}>
              {names[one]}
            </a>
          ))}
        </nav>
        <div class="switches">
          <ModeSwitch mode={mode} choose={connection.choose} />
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {connection.error !== undefined ? (
          <>
            <h1 tabIndex={-1}>{mode === "browser" ? "The model did not come" : "No connection"}</h1>
            <Failure error={connection.error} again={connection.again} />
          </>
        ) : connection.needsToken ? (
          <SignIn
            reason={connection.refusal}
            isChecking={connection.isChecking}
            enter={connection.enter}
          />
        ) : api === undefined ? (
          mode === "browser" ? (
            <Loading progress={connection.progress} />
          ) : (
            <h1 class="unseen" tabIndex={-1}>
              Connecting
            </h1>
          )
        ) : view === "predict" ? (
          <Predict
            api={api}
            online={settings?.online === true}
            draft={draft}
            change={setDraft}
            fill={(filled) => {
              answers.clear();
              setDraft(filled);
              setGiven(filled);
            }}
            answers={answers}
            compare={({ draft: chosen }) => {
              setSides(sides[0] === undefined ? [chosen, sides[1]] : [sides[0], chosen]);
              goTo("compare");
            }}
          />
        ) : view === "compare" ? (
          <Compare api={api} current={draft} sides={sides} choose={setSides} edit={edit} />
        ) : view === "history" ? (
          api.history === undefined ? (
            <>
              <h1 tabIndex={-1}>History</h1>
              <p class="soft">
                {mode === "browser"
                  ? "In this browser nothing is kept. Save an answer as a page or as JSON instead."
                  : "This server keeps no history."}
              </p>
            </>
          ) : (
            <HistoryView
              history={api.history}
              open={async (id) => {
                const [entry, models] = await Promise.all([api.history!.get(id), api.models()]);
                const opened = formOf(entry.draft);
                const isPresent = models.some(({ sha256 }) => sha256 === entry.model.sha256);
                setDraft(opened);
                setGiven(opened);
                answers.open({
                  draft: opened,
                  answer: entry,
                  runsIn: "server",
                  present: isPresent ? undefined : models[0],
                });
                goTo("predict");
              }}
            />
          )
        ) : (
          <ModelCard api={api} />
        )}
      </main>
      <footer>
        <p>
          cladmop {settings?.version}. A statistical estimate for planning and research; no medical
          advice, and no evidence that a treatment works.
        </p>
      </footer>
    </>
  );
}
