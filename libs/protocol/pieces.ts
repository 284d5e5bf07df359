export interface PiecesOptions<Key, Item, Result> {
  /** Answers each of the items of one piece, in their order. */
  carryOut(key: Key, items: readonly Item[]): Promise<readonly Result[]>;
  itemsMax: number;
  /** Of a piece; a larger item goes alone. */
  bytesMax: number;
  bytesOf(item: Item): number;
  /** Whether an error says nothing against the items, so that trying them again, or those behind, is in vain for now. */
  concernsAll(error: unknown): boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Carries out what must be done one after the other for each key: the first item at once, and whatever comes while it
 * is under way together, in one piece, in the order in which it came. So it costs nobody who comes alone a wait, and
 * the more come, the less each of them costs. Keys do not wait for each other. Items of a piece that fails are tried
 * one by one, so that each fails for its own reasons only.
 *
 * What waits is not bounded here: whoever calls waits for the answer, and those who may call at one time are bounded.
 */
export class Pieces<Key, Item, Result> {
  /** Of the keys for which something is under way. */
  private readonly waiting = new Map<Key, Waiting<Item, Result>[]>();

  constructor(private readonly options: PiecesOptions<Key, Item, Result>) {}

  add(key: Key, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const one = { item, resolve, reject };
      const queue = this.waiting.get(key);
      if (queue) queue.push(one);
      else {
        this.waiting.set(key, []);
        void this.run(key, [one]);
      }
    });
  }

  private async run(key: Key, first: Waiting<Item, Result>[]): Promise<void> {
    for (let piece = first; piece.length > 0; piece = this.next(key)) await this.settle(key, piece);
    this.waiting.delete(key);
  }

  private next(key: Key): Waiting<Item, Result>[] {
    const { itemsMax, bytesMax, bytesOf } = this.options;
    const queue = this.waiting.get(key)!;
    let [count, bytes] = [0, 0];
    while (count < Math.min(itemsMax, queue.length)) {
      bytes += bytesOf(queue[count]!.item);
      if (count > 0 && bytes > bytesMax) break;
      count++;
    }
    return queue.splice(0, count);
  }

  private async settle(key: Key, piece: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.carryOut(
        key,
        piece.map(({ item }) => item),
      );
      piece.forEach(({ resolve }, at) => resolve(results[at]!));
    } catch (error) {
      if (this.options.concernsAll(error))
        this.refuse([...piece, ...this.waiting.get(key)!.splice(0)], error);
      else if (piece.length === 1) this.refuse(piece, error);
      else for (const one of piece) await this.settle(key, [one]);
    }
  }

  private refuse(all: readonly Waiting<Item, Result>[], error: unknown): void {
    for (const { reject } of all) reject(error);
  }
}
