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

/** A drawing made anew of its paths alone: whatever else an SVG may hold is not taken over. */
function pathsOf(svg: string): SVGElement {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const drawing = copyOf(root, "svg", ["viewBox", "fill"]);
  for (const path of root.getElementsByTagName("path"))
    drawing.append(copyOf(path, "path", ["d", "fill", "stroke", "stroke-width"]));
  return drawing;
}

function copyOf(element: Element, name: "svg" | "path", attributes: readonly string[]): SVGElement {
  const copy = document.createElementNS(SVG, name);
  for (const attribute of attributes) {
    const value = element.getAttribute(attribute);
    if (value !== null) copy.setAttribute(attribute, value);
  }
  return copy;
}
