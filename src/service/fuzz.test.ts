import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KNOWN, serviceWithHistory } from "./test-service.js";

// Requests made from the service's own document, good ones and broken ones.

const RUNS = 1500;

const { service } = await serviceWithHistory();

/** What of a JSON schema the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
}
interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}
const document = JSON.parse((await service.ask("GET", "/openapi.json")).text) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** Short ones, mostly; some with what breaks parsers. */
const text = (least = 0, most = 40): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.string({ minLength: least, maxLength: Math.min(most, 40) }) },
      fc.string({ unit: "binary", minLength: least, maxLength: Math.min(most, 20) }),
      fc.constantFrom("\u0000", "%", "' or 1=1 --", "<script>", "../../etc/passwd", "\ud800", "🙂"),
    )
    .filter(({ length }) => length >= least && length <= most);

/** What fits a schema. */
function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined)
    return fitting(document.components.schemas[schema.$ref.split("/").at(-1)!]!);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  switch (schema.type) {
    case "object": {
      const { properties = {}, required = [], additionalProperties } = schema;
      if (Object.keys(properties).length === 0 && additionalProperties !== false)
        return fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 });
      const own = Object.entries(properties).map(([name, one]) => [name, fitting(one)] as const);
      const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(own);
      return fc.record(model, { requiredKeys: [...required] });
    }
    case "array":
      return fc.array(fitting(schema.items!), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case "string":
      if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
      if (schema.format === "uuid") return fc.uuid();
      if (schema.format === "date-time")
        return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
      return text(schema.minLength, schema.maxLength);
    case "integer":
      return fc.integer({ min: schema.minimum ?? -9, max: Math.min(schema.maximum ?? 9, 1e6) });
    case "number":
      return fc.double({ min: schema.minimum ?? -9, max: schema.maximum ?? 9, noNaN: true });
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    default:
      return fc.jsonValue();
  }
}

/** A value with one thing changed somewhere in it: another value, one left out, one too many. */
const broken = (value: unknown): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.array(fc.nat(20), { maxLength: 5 }), fc.nat(2), fc.jsonValue())
    .map(([path, how, other]) => {
      const root = { value: structuredClone(value) };
      let at: Record<string, unknown> = root;
      let key = "value";
      for (const step of path) {
        const inner = at[key];
        if (typeof inner !== "object" || inner === null || Object.keys(inner).length === 0) break;
        at = inner as Record<string, unknown>;
        key = Object.keys(at)[step % Object.keys(at).length]!;
      }
      if (how === 0) at[key] = other;
      else if (how === 1 && at !== root) delete at[key];
      else at[`${key}x`] = other;
      return root.value;
    });

const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: bad });

interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly body?: string;
  readonly type?: string;
}

/** Ids and numbers that the service knows: else hardly any request would find something. */
const known: { name: string; values: string[] }[] = [
  { name: "nctId", values: [KNOWN] },
  { name: "id", values: [] },
];
const Kept = { trial: { phase: "2", eligibilityCriteria: "Adults" } };
for (let i = 0; i < 20; i++) {
  const answer = await service.ask("POST", "/v1/predictions", { body: Kept });
  known[1]!.values.push(JSON.parse(answer.text).id);
}

const parameter = ({ name, schema }: Parameter): fc.Arbitrary<string> => {
  const values = known.find((one) => one.name === name)?.values ?? [];
  const good = fitting(schema).map(String);
  return mostly(values.length > 0 ? fc.oneof(good, fc.constantFrom(...values)) : good, text());
};

/** As a URL may hold it: what is no text cannot be sent. */
const encoded = (value: string): string => encodeURIComponent(Buffer.from(value).toString());

function requests(path: string, method: string, operation: Operation): fc.Arbitrary<Asked> {
  const of = (place: string) => (operation.parameters ?? []).filter((one) => one.in === place);
  const inPath = fc.tuple(...of("path").map(parameter));
  const query = fc.record(
    Object.fromEntries(of("query").map((one) => [one.name, parameter(one)])),
    {
      requiredKeys: of("query")
        .filter(({ required }) => required)
        .map(({ name }) => name),
    },
  );
  const extra = mostly(fc.constant({}), fc.dictionary(text(1), text(), { maxKeys: 1 }));
  const url = fc.tuple(inPath, query, extra).map(([values, own, more]) => {
    const filled = of("path").reduce(
      (so, { name }, i) => so.replace(`{${name}}`, encoded(values[i]!)),
      path,
    );
    const asked = Object.entries({ ...own, ...more }).map(
      ([name, value]) => `${encoded(name)}=${encoded(String(value))}`,
    );
    return asked.length > 0 ? `${filled}?${asked.join("&")}` : filled;
  });
  const content = Object.entries(operation.requestBody?.content ?? {});
  const upper = method.toUpperCase() as Asked["method"];
  if (content.length === 0) return url.map((one) => ({ method: upper, url: one }));
  return fc.oneof(
    ...content.map(([type, { schema }]) => {
      const value = fitting(schema);
      const one = mostly(value, value.chain(broken)).map((it) => JSON.stringify(it) ?? "");
      const whole = type.endsWith("ndjson")
        ? fc.array(mostly(one, text()), { maxLength: 5 }).map((lines) => lines.join("\n"))
        : one;
      const cut = whole.chain((it) => fc.nat(it.length).map((end) => it.slice(0, end)));
      const body = mostly(whole, fc.oneof(cut, text()));
      const sent = mostly(fc.constant(type), fc.constantFrom("text/plain", "application/xml", "x"));
      return fc
        .tuple(url, body, sent)
        .map(([address, it, as]): Asked => ({ method: upper, url: address, body: it, type: as }));
    }),
  );
}

test("whatever is asked, the answer is one that the document tells of, and no fault", async () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => requests(path, method, operation)),
  );
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...operations), async ({ method, url, body, type }) => {
      const answer = await service.ask(method, url, {
        ...(body !== undefined && { body, "content-type": type }),
      });
      assert.ok(answer.status < 500, `${answer.status}: ${answer.text}`);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }),
    { numRuns: RUNS, seed: 5, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
  // What was asked was neither all good nor all bad.
  for (const [status, least] of [
    [200, RUNS / 4],
    [400, RUNS / 10],
    [404, 10],
    [415, 10],
  ] as const)
    assert.ok((statuses.get(status) ?? 0) >= least, `${status}: ${statuses.get(status)}`);
});
