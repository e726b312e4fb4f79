import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { type History, openHistory } from "../history/index.js";
import type { ModelInfo } from "../serving/answer.js";
import { createApp } from "./app.js";
import { type App, type Context, LIMITS } from "./context.js";
import { type EngineObserver, ThreadEngine } from "./engine.js";
import { Metrics } from "./metrics.js";

const SETTINGS = { drugs: undefined, past: undefined, threads: 1 };

/** An engine whose threads do what they are told to: see fake-engine.ts. */
export const fakeEngine = (model = "present", count = 1, observer?: EngineObserver): ThreadEngine =>
  new ThreadEngine(
    { ...SETTINGS, model },
    count,
    observer,
    new URL("./fake-engine.js", import.meta.url),
  );

const SCORES = { prAuc: 0.5, rocAuc: 0.5, logLoss: 0.7 };
const MODEL: ModelInfo = {
  name: "made-up",
  sha256: "5a".repeat(32),
  preset: "default",
  pretrained: true,
  members: 5,
  encoder: "ab",
  data: {},
  terms: "None",
  success: "What the makers of this test call so",
  seed: 1,
  temperature: 1,
  threshold: 0.5,
  baseRates: null,
  outOfFold: SCORES,
  validation: SCORES,
  evaluations: [],
  limits: [],
  notToConclude: [],
};

/** A trial that the tests' service finds. */
export const KNOWN = "NCT00000001";

/** A service on a fake engine, with a page and a model's file of the test's own. */
export class TestService {
  private constructor(
    readonly app: App,
    readonly engine: ThreadEngine,
    readonly folder: string,
    private readonly document: Document,
  ) {}

  static async start(changes: Partial<Context> = {}): Promise<TestService> {
    const folder = mkdtempSync(join(tmpdir(), "cladmop-service-"));
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>page</title>");
    writeFileSync(join(folder, "model.json"), "{}");
    const metrics = new Metrics();
    const engine = changes.engine ?? fakeEngine("present", 1, metrics);
    metrics.watch(engine, MODEL);
    await engine.ready();
    const app = await createApp(
      {
        version: "1.2.3",
        engine,
        model: MODEL,
        modelFiles: [
          { name: "model.json", bytes: 2, sha256: "ab", path: join(folder, "model.json") },
        ],
        history: undefined,
        tokens: undefined,
        past: true,
        lookup: {
          online: false,
          find: async (nctId) =>
            nctId === KNOWN
              ? {
                  draft: {
                    nctId,
                    phase: "1",
                    conditions: ["Asthma"],
                    interventions: [],
                    eligibilityCriteria: "Adults",
                  },
                  outcome: {
                    label: null,
                    status: "COMPLETED",
                    whyStopped: null,
                    startDate: null,
                    completionDate: null,
                  },
                  source: "local",
                }
              : undefined,
        },
        page: folder,
        loopback: true,
        limits: LIMITS,
        metrics,
        ...changes,
      },
      "silent",
    );
    const answer = await app.inject("/openapi.json");
    return new TestService(app, engine, folder, answer.json());
  }

  /** What the service is asked, its answer checked against its own document. */
  async ask(
    method: "GET" | "POST" | "PUT" | "DELETE",
    url: string,
    { body, ...headers }: Readonly<Record<string, unknown>> = {},
  ): Promise<Answer> {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const response = await this.app.inject({
      method,
      url,
      headers: {
        ...(text !== undefined && { "content-type": "application/json" }),
        ...(headers as Record<string, string>),
      },
      ...(text !== undefined && { payload: text }),
    });
    const answer = { status: response.statusCode, headers: response.headers, text: response.body };
    this.check(method, url, answer);
    return answer;
  }

  /** @throws AssertionError if an answer is not one that the document tells of */
  check(method: string, url: string, { status, headers, text }: Answer): void {
    const path = this.pathOf(new URL(url, "http://localhost").pathname);
    const operation = this.document.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) return; // the page, or nothing
    const said = operation.responses[status];
    assert.ok(said, `${method} ${path}: ${status} is not documented: ${text}`);
    const type = String(headers["content-type"] ?? "").split(";")[0]!;
    if (status === 204) return;
    assert.ok(said.content?.[type], `${method} ${path}: ${status} as ${type} is not documented`);
    const json = type.endsWith("json");
    const values = type.endsWith("ndjson")
      ? text
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as unknown)
      : [json ? (JSON.parse(text) as unknown) : text];
    const pointer = [path, method.toLowerCase(), "responses", status, "content", type];
    const escaped = pointer.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1"));
    const validate = this.validator.getSchema(`api#/paths/${escaped.join("/")}/schema`)!;
    for (const value of values)
      assert.ok(validate(value), `${method} ${path}: ${JSON.stringify(validate.errors)}: ${text}`);
  }

  /** The pattern of a path. */
  private pathOf(path: string): string {
    if (path in this.document.paths) return path;
    const patterns = Object.keys(this.document.paths).filter((one) => one.includes("{"));
    return (
      patterns.find((one) => new RegExp(`^${one.replace(/\{[^/]+\}/g, "[^/]*")}$`).test(path)) ??
      path
    );
  }

  private get validator(): Ajv2020 {
    this.#ajv ??= new Ajv2020({ strict: false, validateFormats: true });
    if (this.#ajv.getSchema("api") === undefined) {
      formats.default(this.#ajv);
      this.#ajv.addSchema(this.document, "api");
    }
    return this.#ajv;
  }
  #ajv: Ajv2020 | undefined;

  async stop(): Promise<void> {
    await this.app.close();
    await this.engine.release();
    rmSync(this.folder, { recursive: true });
  }
}

/** A service and its history on SQLite, until the tests of the file that asks have ended. */
export async function serviceWithHistory(): Promise<{ service: TestService; history: History }> {
  const folder = mkdtempSync(join(tmpdir(), "cladmop-history-"));
  const history = await openHistory(join(folder, "history.sqlite"));
  const service = await TestService.start({ history });
  after(async () => {
    await service.stop();
    await history.close();
    rmSync(folder, { recursive: true });
  });
  return { service, history };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** What of the API's document is looked at. */
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

export const json = ({ text }: Answer) => JSON.parse(text);
