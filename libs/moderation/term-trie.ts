/**
 * The states of an Aho–Corasick automaton over code points, in flat arrays: about 20 bytes per state, of which there
 * are about as many as letters in all terms. State 0 is the root.
 * A. V. Aho, M. J. Corasick, "Efficient string matching", 1975.
 */
export class TermTrie {
  /** Codes that terms have, numbered from 0; any other leads back to the root. */
  private readonly symbols = new Map<number, number>();
  private readonly edges: EdgeTable;
  /** The state of the longest proper suffix that is in the trie. */
  private readonly fallback: Int32Array;
  /** The longest suffix, itself included, at which a term ends; 0 if none. */
  private readonly found: Int32Array;
  private readonly ends = new Map<number, number[]>();

  /** `terms` are sequences of codes; the same one may be there more than once. */
  constructor(terms: readonly (readonly number[])[]) {
    for (const code of terms.flat()) if (!this.symbols.has(code)) this.symbols.set(code, this.symbols.size);
    const letters = terms.reduce((sum, { length }) => sum + length, 0);
    this.edges = new EdgeTable(letters, this.symbols.size);
    const states: State[] = [{ parent: 0, symbol: -1, depth: 0 }];
    for (const [index, term] of terms.entries()) this.add(term, index, states);
    this.fallback = new Int32Array(states.length);
    this.found = new Int32Array(states.length);
    this.link(states);
  }

  next(state: number, code: number): number {
    const symbol = this.symbols.get(code);
    return symbol === undefined ? 0 : this.step(state, symbol);
  }

  /** The first state at which terms end that are suffixes of what led to `state`: longest first, 0 if there is none. */
  firstFound(state: number): number {
    return this.found[state]!;
  }

  nextFound(state: number): number {
    return this.found[this.fallback[state]!]!;
  }

  /** Places of terms in the constructor's argument. `state` comes from {@link firstFound} or {@link nextFound}. */
  termsAt(state: number): readonly number[] {
    return this.ends.get(state)!;
  }

  private add(term: readonly number[], index: number, states: State[]): void {
    let state = 0;
    for (const code of term) {
      const symbol = this.symbols.get(code)!;
      let next = this.edges.get(state, symbol);
      if (next === 0) {
        next = states.push({ parent: state, symbol, depth: states[state]!.depth + 1 }) - 1;
        this.edges.set(state, symbol, next);
      }
      state = next;
    }
    if (state === 0) return;
    const ending = this.ends.get(state);
    if (ending) ending.push(index);
    else this.ends.set(state, [index]);
  }

  /** Shorter ones first, since what a state falls back to is shorter. */
  private link(states: readonly State[]): void {
    const byDepth = states.map((_, state) => state).sort((a, b) => states[a]!.depth - states[b]!.depth);
    for (const state of byDepth) {
      const { parent, symbol, depth } = states[state]!;
      if (depth > 1) this.fallback[state] = this.step(this.fallback[parent]!, symbol);
      this.found[state] = this.ends.has(state) ? state : this.found[this.fallback[state]!]!;
    }
  }

  private step(from: number, symbol: number): number {
    for (let state = from; ; state = this.fallback[state]!) {
      const next = this.edges.get(state, symbol);
      if (next !== 0 || state === 0) return next;
    }
  }
}

interface State {
  readonly parent: number;
  readonly symbol: number;
  readonly depth: number;
}

const { imul } = Math;

/** (state, symbol) → state in an open-addressing table, at most half full; 0 means no edge. */
class EdgeTable {
  private readonly keys: Float64Array;
  private readonly targets: Int32Array;
  private readonly mask: number;

  constructor(
    edgesMax: number,
    private readonly symbolCount: number,
  ) {
    const size = 2 ** Math.ceil(Math.log2(2 * edgesMax + 2));
    this.mask = size - 1;
    this.keys = new Float64Array(size);
    this.targets = new Int32Array(size);
  }

  get(state: number, symbol: number): number {
    const key = state * this.symbolCount + symbol;
    for (let slot = this.slotOf(key); ; slot = (slot + 1) & this.mask) {
      const target = this.targets[slot]!;
      if (target === 0 || this.keys[slot] === key) return target;
    }
  }

  set(state: number, symbol: number, target: number): void {
    const key = state * this.symbolCount + symbol;
    let slot = this.slotOf(key);
    while (this.targets[slot] !== 0) slot = (slot + 1) & this.mask;
    this.keys[slot] = key;
    this.targets[slot] = target;
  }

  /** Fibonacci hashing: neighbouring keys go far apart. */
  private slotOf(key: number): number {
    const mixed = imul(key | 0, 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & this.mask;
  }
}
