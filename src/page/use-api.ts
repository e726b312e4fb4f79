import { useEffect, useMemo, useState } from "preact/hooks";
import type { Api, LoadProgress, Settings } from "./api.js";
import { useAsked } from "./ask.js";
import { openHttpApi, settingsOf } from "./http-api.js";
import { keptMode, keptToken } from "./kept.js";
import type { Mode } from "./mode-switch.js";
import { isGivenUp } from "./problem.js";

/** What answers, or why nothing does yet. */
export interface Connection {
  readonly mode: Mode;
  readonly api: Api | undefined;
  readonly settings: Settings | undefined;
  readonly progress: LoadProgress | undefined;
  readonly error: unknown;
  /** Whether a token must be entered first; and why the last was refused. */
  readonly needsToken: boolean;
  readonly refusal: string;
  /** Whether the server is being asked what the token allows. */
  readonly isChecking: boolean;
  choose(mode: Mode): void;
  enter(token: string): void;
  again(): void;
}

/** The server's API, or that of this browser. Where it runs is remembered, so that a reload never sends what was to stay. */
export function useApi(): Connection {
  const [mode, setMode] = useState<Mode>(() =>
    keptMode.get() === "browser" ? "browser" : "server",
  );
  const [token, setToken] = useState(keptToken.get);
  const [refusal, setRefusal] = useState("");
  // Asked anew with each token: an answer says what the token allows, or that it is not valid.
  const settings = useAsked((signal) => settingsOf(document.baseURI, token, signal), [token]);
  const mayRead = settings.value?.scopes?.includes("read") === true;
  const needsToken = settings.value?.authentication === true && !mayRead;
  const refuse = (reason: string) => {
    keptToken.set(null);
    setToken(null);
    setRefusal(reason);
  };
  useEffect(() => {
    if (token === null || settings.isBusy || settings.value === undefined || mayRead) return;
    refuse(
      settings.value.scopes === null ? "This token is not valid." : "This token may not read.",
    );
  }, [settings.value, settings.isBusy]);

  const server = useMemo(() => {
    if (settings.value === undefined || needsToken) return undefined;
    return openHttpApi(document.baseURI, settings.value, token, refuse);
  }, [settings.value, token, needsToken]);

  const [progress, setProgress] = useState<LoadProgress>();
  const isWanted = mode === "browser" && settings.value !== undefined && !needsToken;
  const local = useLocal(isWanted, token, setProgress);

  return {
    mode,
    api: mode === "server" ? server : local.api,
    settings: settings.value,
    progress,
    error: settings.error ?? (mode === "browser" ? local.error : undefined),
    needsToken,
    refusal,
    choose: (chosen) => {
      keptMode.set(chosen);
      setMode(chosen);
    },
    isChecking: settings.isBusy,
    enter: (entered) => {
      keptToken.set(entered);
      setRefusal("");
      setToken(entered);
    },
    again: settings.error === undefined ? local.again : settings.again,
  };
}

/** The model in this browser while it is wanted; its memory is given back when it is not. */
function useLocal(
  isWanted: boolean,
  token: string | null,
  tell: (progress: LoadProgress | undefined) => void,
) {
  const [state, setState] = useState<{ api?: Api; error?: unknown }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!isWanted) return;
    const stop = new AbortController();
    let opened: Api | undefined;
    tell(undefined);
    const chunks = [import("./chart/echarts.js"), import("../../examples/trials.json")];
    import("./local/local-api.js")
      .then(async ({ openLocalApi }) => {
        const api = await openLocalApi(tell, {
          signal: stop.signal,
          ...(token !== null && { token }),
        });
        // So that nothing at all is asked of the network afterwards.
        await Promise.all(chunks);
        return api;
      })
      .then(
        (api) => {
          if (stop.signal.aborted) return void api.release();
          opened = api;
          setState({ api });
        },
        (error) => {
          if (!stop.signal.aborted && !isGivenUp(error)) setState({ error });
        },
      );
    return () => {
      stop.abort();
      void opened?.release();
      setState({});
    };
  }, [isWanted, token, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
}
