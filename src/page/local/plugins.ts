import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/**
 * How the program that runs in Node is built for a browser: where `x.browser.ts` stands beside `x.ts`, it takes its
 * place.
 */
export const forBrowser = (): Plugin => ({
  name: "for-browser",
  enforce: "pre",
  resolveId(source, importer) {
    if (source === "node:path") return PATH;
    // Left out with what is not used of a module; what is left of it is refused below.
    if (source.startsWith("node:")) return { id: source, external: true };
    if (!source.startsWith(".") || !importer) return undefined;
    const own = join(dirname(importer), source.replace(/\.js$/, ".browser.ts"));
    return own.endsWith(".browser.ts") && existsSync(own) ? own : undefined;
  },
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      // Not by chunk.imports: it has what was left out, too.
      const needed = chunk.type === "chunk" && IMPORT_OF_NODE.exec(chunk.code)?.[1];
      if (needed) this.error(`${chunk.fileName} needs ${needed}, which a browser has not`);
    }
  },
});

const IMPORT_OF_NODE = /\b(?:from|import)\s*\(?\s*["'`](node:[\w/]+)/;
const PATH = fileURLToPath(new URL("../../base/path.browser.ts", import.meta.url));

/**
 * RDKit's glue composes functions as text, which a strict Content-Security-Policy forbids. The same without: as
 * Emscripten writes them with -sDYNAMIC_EXECUTION=0 (libembind.js, libemval.js).
 */
export const rdkitWithoutEval = (): Plugin => ({
  name: "rdkit-without-eval",
  transform(code, id) {
    if (!id.endsWith("RDKit_minimal.js")) return undefined;
    let result = code;
    for (const [from, to] of [
      ["return new Function(args1,invokerFnBody)", `return ${INVOKER}`],
      ["new Function(Object.keys(captures),functionBody)(...Object.values(captures))", CALLER],
      ['require("node:fs")', "undefined"],
      ['require("node:crypto")', "undefined"],
    ] as const) {
      const parts = result.split(from);
      if (parts.length < 2) this.error(`${id} has no ${from}: look at this version of RDKit`);
      result = parts.join(to);
    }
    if (/\beval\(|\bnew Function\b/.test(result)) this.error(`${id} makes functions of text`);
    return { code: result, map: null };
  },
});

/** What createJsInvoker's text does: converts arguments, calls, frees what they needed, converts the result. */
const INVOKER = `(_, __, invoker, fn, runDestructors, fromRetWire, toClassParamWire, ...rest) => {
  const [save, restore] = useStackFrame ? rest.splice(0, 2) : [];
  const toWire = rest.slice(0, argCount);
  return function (...given) {
    const destructors = needsDestructorStack ? [] : null;
    const frame = useStackFrame ? save() : 0;
    let result;
    const wired = [];
    try {
      if (isClassMethodFunc) wired.push(toClassParamWire(destructors, this));
      for (let i = 0; i < argCount; i++) wired.push(toWire[i](destructors, given[i]));
      result = invoker(fn, ...wired);
    } finally {
      if (useStackFrame) restore(frame);
    }
    if (needsDestructorStack) runDestructors(destructors);
    else
      argTypes.slice(isClassMethodFunc ? 1 : 2).forEach((type, i) => {
        if (type.destructorFunction !== null) type.destructorFunction(wired[i]);
      });
    if (returns) return fromRetWire(result);
  };
}`;

/** What the text of __emval_create_invoker does; the kinds are a function, a method, a constructor, a cast. */
const CALLER = `((handle, methodName, destructorsRef, at) => {
  const values = argFromPtr.map((read, i) => read(at + i * GenericWireTypeSize));
  const callee = kind === 3 ? undefined : Emval.toValue(handle);
  const result =
    kind === 0 ? callee(...values)
    : kind === 1 ? callee[getStringOrSymbol(methodName)](...values)
    : kind === 2 ? new callee(...values)
    : values.at(-1);
  if (!retType.isVoid) return emval_returnValue(toReturnWire, destructorsRef, result);
})`;
