import { useEffect, useRef } from "preact/hooks";
import type { Api } from "./api.js";
import { useAsked } from "./ask.js";

const SVG = "http://www.w3.org/2000/svg";

/** A molecule as it is drawn; nothing where it cannot be. */
export function Structure({ api, smiles, name }: { api: Api; smiles: string; name: string }) {
  const { value } = useAsked((signal) => api.structure(smiles, signal), [api, smiles]);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.replaceChildren(...(value === undefined ? [] : [pathsOf(value)]));
  }, [value]);
  return <div class="structure" ref={element} role="img" aria-label={`Structure of ${name}`} />;
}

/** A drawing made anew of its paths alone: whatever else an SVG may hold is not even parsed. */
function pathsOf(svg: string): SVGElement {
  const drawing = elementOf("svg", /<svg\b[^>]*>/.exec(svg)?.[0] ?? "", ["viewBox", "fill"]);
  for (const [path] of svg.matchAll(/<path\b[^>]*>/g))
    drawing.append(elementOf("path", path, ["d", "fill", "stroke", "stroke-width"]));
  return drawing;
}

/** An element with those of a tag's attributes that are named. */
function elementOf(name: "svg" | "path", tag: string, attributes: readonly string[]): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const attribute of attributes) {
    const [, value] = new RegExp(`\\s${attribute}="([^"]*)"`).exec(tag) ?? [];
    if (value !== undefined) element.setAttribute(attribute, value);
  }
  return element;
}
