import { InputError } from "../base/error.js";

/** What RDKit is told: no background, and the size that the drawing is laid out for. */
export const LAYOUT = { width: 300, height: 200, clearBackground: false } as const;

/** Heavy atoms of a drawing at most: the layout of 450 takes most of a second, of 1,800 half a minute. */
const MOST_ATOMS = 250;

/** @throws InputError if a molecule is too large to be laid out in a moment */
export function refuseLarge(atoms: number): void {
  if (atoms > MOST_ATOMS)
    throw new InputError(`a molecule of ${atoms} heavy atoms is too large to be drawn`, {
      remedy: `Draw one of at most ${MOST_ATOMS}`,
    });
}

/**
 * RDKit's drawing with nothing but its paths, all in the colour of the text around it: readable in light and
 * dark, and safe and allowed under a strict Content-Security-Policy where it stands inside a page (no style, no script).
 */
export function plainDrawing(svg: string): string {
  const paths = [...svg.matchAll(/<path\b([^>]*)>/g)].map(([, attributes = ""]) => {
    const shape = /\bd='([^']*)'/.exec(attributes)![1]!.replace(/\s+/g, " ").trim();
    const width = /stroke-width:([\d.]+)px/.exec(attributes)?.[1];
    const fill = attributes.includes("fill:none") ? ' fill="none"' : "";
    const stroke = width === undefined ? "" : ` stroke="currentColor" stroke-width="${width}"`;
    return `<path d="${shape}"${fill}${stroke}/>`;
  });
  const { width, height } = LAYOUT;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" fill="currentColor">${paths.join("")}</svg>`;
}
