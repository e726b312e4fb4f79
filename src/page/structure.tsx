import { useEffect, useRef } from "preact/hooks";
import type { Api } from "./api.js";
import { useAsked } from "./ask.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Set(["svg", "g", "path", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan"]);
const PLACES = new Set([
  "viewBox", "d", "points", "transform", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy",
]);
const LOOKS = new Set(["stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "font-size", "font-weight", "text-anchor"]);

/** A molecule as it is drawn; nothing where it cannot be. */
export function Structure({ api, smiles, name }: { api: Api; smiles: string; name: string }) {
  const { value } = useAsked((signal) => api.structure(smiles, signal), [api, smiles]);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const drawing = value === undefined ? undefined : inert(value);
    element.current?.replaceChildren(...(drawing === undefined ? [] : [drawing]));
  }, [value]);
  return <div class="structure" ref={element} role="img" aria-label={`Structure of ${name}`} />;
}

/** A drawing made anew of its shapes alone, in the colour of the text: whatever else an SVG may hold is not taken over. */
export function inert(svg: string): SVGElement | undefined {
  // A style is read as text: were it an attribute style, the page's policy would refuse it.
  const text = svg.replaceAll(/\sstyle\s*=/g, " data-look=");
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.localName !== "svg") return undefined;
  const drawing = copyOf(root);
  if (!drawing.hasAttribute("viewBox")) {
    const [width, height] = ["width", "height"].map((side) => Number.parseFloat(root.getAttribute(side) ?? ""));
    if (Number.isFinite(width) && Number.isFinite(height))
      drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }
  return drawing;
}

function copyOf(element: Element): SVGElement {
  const copy = document.createElementNS(SVG, element.localName) as SVGElement;
  const looks = new Map(
    (element.getAttribute("data-look") ?? "")
      .split(";")
      .map((rule) => rule.split(":").map((part) => part.trim()))
      .filter((rule): rule is [string, string] => rule.length === 2),
  );
  for (const { name, value } of element.attributes) {
    if (PLACES.has(name)) copy.setAttribute(name, value);
    else if (LOOKS.has(name) || name === "fill" || name === "stroke") looks.set(name, value);
  }
  for (const [name, value] of looks) {
    if (LOOKS.has(name)) copy.setAttribute(name, value);
    if (name === "fill" || name === "stroke")
      copy.setAttribute(name, value === "none" ? "none" : "currentColor");
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      if (SHAPES.has(child.localName)) copy.append(copyOf(child));
    } else if (child.nodeType === Node.TEXT_NODE && /^(text|tspan)$/.test(element.localName))
      copy.append(child.textContent ?? "");
  }
  return copy;
}
