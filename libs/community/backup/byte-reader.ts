/** Takes exactly as many bytes as are asked for from pieces that end anywhere. */
export class ByteReader {
  private readonly pieces: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.pieces = pieces[Symbol.asyncIterator]();
  }

  /** Undefined when the stream ends before the first of them; throws what `cut` makes when it ends within. */
  async take(size: number, cut: () => Error): Promise<Buffer | undefined> {
    const parts = [this.held];
    let length = this.held.length;
    while (length < size) {
      const { done, value } = await this.pieces.next();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
    const all = parts.length === 1 ? this.held : Buffer.concat(parts);
    if (length < size) {
      if (length === 0) return undefined;
      throw cut();
    }
    this.held = all.subarray(size);
    return all.subarray(0, size);
  }
}
