/** A bit per id, in chunks: ids come from a counter and lie close together. */
const CHUNK_IDS = 32_768;
/** 128 MiB of chunks: a thousand million ids in a row, or at worst this many far apart. */
const CHUNKS_MAX = 32_768;

/** Ids of files, as many as a store may hold, in little memory. */
export class IdSet {
  private readonly chunks = new Map<number, Uint8Array>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(id: number): boolean {
    const { chunk, byte, bit } = placeOf(id);
    return ((this.chunks.get(chunk)?.[byte] ?? 0) & bit) !== 0;
  }

  /** Throws a RangeError when the set is full. */
  add(id: number): void {
    const { chunk, byte, bit } = placeOf(id);
    const bits = this.chunks.get(chunk) ?? this.makeChunk(chunk);
    if ((bits[byte]! & bit) === 0) this.count++;
    bits[byte]! |= bit;
  }

  private makeChunk(chunk: number): Uint8Array {
    if (this.chunks.size >= CHUNKS_MAX) throw new RangeError('the ids lie too far apart');
    const bits = new Uint8Array(CHUNK_IDS / 8);
    this.chunks.set(chunk, bits);
    return bits;
  }
}

function placeOf(id: number): { chunk: number; byte: number; bit: number } {
  const within = id % CHUNK_IDS;
  return { chunk: Math.floor(id / CHUNK_IDS), byte: within >> 3, bit: 1 << (within & 7) };
}
