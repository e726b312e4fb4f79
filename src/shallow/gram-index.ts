/** Numbers of a slot: node + 1 (0: free), character, child. */
const SLOT = 3;

/**
 * Character n-grams as a trie, to find those of a text without making a string of each. The children of all nodes
 * are in one typed array (open addressing with linear probing, at most half of it taken).
 */
export class GramIndex {
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** Column of the n-gram that ends at a node, or -1. */
  readonly #columns: Int32Array;
  readonly #longest: number;

  /** @param columns column of each n-gram */
  constructor(columns: ReadonlyMap<string, number>) {
    const grams = [...columns.keys()].map((gram) => codePoints(gram));
    // In sorted order exactly the nodes, else more.
    const most = grams.reduce((sum, gram, i) => sum + gram.length - shared(gram, grams[i - 1]), 1);
    const size = 2 ** Math.ceil(Math.log2(2 * most));
    this.#slots = new Int32Array(SLOT * size);
    this.#mask = size - 1;
    this.#columns = new Int32Array(most).fill(-1);
    this.#longest = grams.reduce((longest, { length }) => Math.max(longest, length), 0);
    let nodes = 1;
    const column = columns.values();
    for (const gram of grams) {
      let node = 0;
      for (const character of gram) {
        const at = this.#find(node, character);
        if (this.#slots[at] === 0) this.#slots.set([node + 1, character, nodes++], at);
        node = this.#slots[at + 2]!;
      }
      this.#columns[node] = column.next().value!;
    }
  }

  /** Tells the column of each n-gram of the text, as often as it occurs. */
  find(text: string, found: (column: number) => void): void {
    const characters = codePoints(text);
    for (let start = 0; start < characters.length; start++) {
      const end = Math.min(characters.length, start + this.#longest);
      let node = 0;
      for (let i = start; i < end; i++) {
        const at = this.#find(node, characters[i]!);
        if (this.#slots[at] === 0) break;
        node = this.#slots[at + 2]!;
        const column = this.#columns[node]!;
        if (column >= 0) found(column);
      }
    }
  }

  /** Where the child of a node by a character is, or the free slot where it would be. */
  #find(node: number, character: number): number {
    let hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(character, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = SLOT * slot;
      const parent = this.#slots[at];
      if (parent === 0 || (parent === node + 1 && this.#slots[at + 1] === character)) return at;
    }
  }
}

const codePoints = (text: string): number[] => Array.from(text, (one) => one.codePointAt(0)!);

/** Characters with which both begin. */
function shared(a: readonly number[], b: readonly number[] = []): number {
  const differs = a.findIndex((character, i) => character !== b[i]);
  return differs === -1 ? a.length : differs;
}
