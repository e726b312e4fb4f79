import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type History, openHistory } from "../history/index.js";
import type { ModelInfo } from "../serving/answer.js";
import type { Context } from "./context.js";
import { ThreadEngine } from "./engine.js";
import { openBrowser, withoutBrowser } from "./test-browser.js";
import { TestService } from "./test-service.js";

const PAGE = fileURLToPath(new URL("../page/", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const bins = [0.15, 0.35, 0.55, 0.75].map((middle, i) => ({
  from: middle - 0.1,
  to: middle + 0.1,
  count: [12, 40, 55, 10][i]!,
  predicted: middle,
  observed: [0.25, 0.3, 0.6, 0.7][i]!,
}));

/** A made-up model with an evaluation to be drawn. */
export const DRAWN_MODEL: ModelInfo = {
  name: "made-up",
  sha256: "5a".repeat(32),
  preset: "default",
  pretrained: true,
  members: 5,
  encoder: "ab".repeat(32),
  data: { "phase_I_train.csv": "cd".repeat(32) },
  terms: "For tests only",
  success: "What the makers of this test call so",
  seed: 1,
  temperature: 1,
  threshold: 0.5,
  baseRates: { "1": { successes: 386, trials: 642 } },
  outOfFold: { prAuc: 0.7, rocAuc: 0.7, logLoss: 0.6 },
  validation: { prAuc: 0.7, rocAuc: 0.7, logLoss: 0.6 },
  evaluations: [
    {
      file: "phase_I_test.csv",
      sha256: "ef".repeat(32),
      trials: 117,
      successes: 60,
      prAuc: 0.65,
      rocAuc: 0.648,
      f1: 0.7,
      brier: 0.23,
      ece: 0.06,
      interval: { prAuc: [0.55, 0.75], rocAuc: [0.56, 0.73] },
      calibration: bins,
      roc: [
        [0, 0],
        [0.2, 0.4],
        [0.5, 0.75],
        [1, 1],
      ],
      note: "a made-up note",
    },
  ],
  limits: ["It is made up."],
  notToConclude: ["Anything at all."],
};

/** The built page on the service's own routes, with a made-up engine and a history of its own. */
export class TestPage {
  private constructor(
    private readonly service: TestService,
    private readonly folder: string,
    readonly history: History,
    readonly url: string,
  ) {}

  static async start(changes: Partial<Context> = {}): Promise<TestPage> {
    assert.ok(existsSync(join(PAGE, "index.html")), "the page is not built: npm run build");
    const folder = mkdtempSync(join(tmpdir(), "cladmop-page-"));
    const history = await openHistory(join(folder, "history.sqlite"));
    const engine = new ThreadEngine(
      { model: "", drugs: undefined, past: undefined, threads: 1 },
      1,
      undefined,
      new URL("./fake-page-engine.js", import.meta.url),
    );
    const service = await TestService.start({
      engine,
      history,
      page: PAGE,
      model: DRAWN_MODEL,
      ...changes,
    });
    const url = await service.app.listen({ host: "127.0.0.1", port: 0 });
    return new TestPage(service, folder, history, `${url}/`);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.history.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A browser and a page to look at, until the tests of the file that asks have ended; nothing where they are skipped. */
export async function browserAndPage(): Promise<{ browser: Browser; server: TestPage }> {
  if (withoutBrowser) return {} as never;
  const browser = await openBrowser();
  const server = await TestPage.start();
  after(async () => {
    await browser.close();
    await server.stop();
  });
  return { browser, server };
}

interface Window {
  readonly page: Page;
  readonly faults: string[];
  readonly requests: string[];
  /** Addresses that were left only after a question, which is answered with yes. */
  readonly questions: string[];
  close(): Promise<void>;
}

/** A window that notes what must not happen: errors, refused scripts and styles, requests to elsewhere. */
export async function openWindow(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Window> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const [faults, requests, questions]: [string[], string[], string[]] = [[], [], []];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("dialog", (dialog) => {
    if (dialog.type() === "beforeunload") {
      questions.push(page.url());
      return void dialog.accept();
    }
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // That an answer has an error's status is no fault of the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      faults.push(message.text());
  });
  page.on("request", (request) => {
    requests.push(`${request.method()} ${request.url().replace(url, "/")}`);
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url()))
      faults.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  await page.locator("h1").first().waitFor();
  return { page, faults, requests, questions, close: () => context.close() };
}

/** What axe finds wrong, by rule and place. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<
    { id: string; nodes: { target: string[]; failureSummary: string }[] }[]
  >("axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)");
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
