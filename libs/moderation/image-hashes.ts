import type { AutomodRule } from './automod-rules.js';

type ListedHash = AutomodRule<'images'>['hashes'][number];

/** An entry that an image matches. */
export interface ImageMatch {
  readonly what: ListedHash['kind'];
  /** Bits that differ. */
  readonly distance: number;
  readonly note?: string;
}

const PERCEPTUAL_BYTES = 8;

/** Hashes of images that nobody wants to see, compiled. */
export class ImageHashes {
  private readonly files: ReadonlyMap<string, ListedHash>;
  private readonly images: readonly ListedHash[];
  /** Two words for each of {@link images}. */
  private readonly words: Int32Array;

  /** `hashes` come from an `images` rule; `distanceMax` in bits, for perceptual ones. */
  constructor(
    hashes: readonly ListedHash[],
    private readonly distanceMax: number,
  ) {
    const exact = hashes.filter(({ kind }) => kind === 'sha256');
    this.files = new Map(exact.map((each) => [each.hash.toLowerCase(), each]));
    this.images = hashes.filter(({ kind }) => kind === 'perceptual');
    this.words = Int32Array.from(this.images.flatMap(({ hash }) => wordsOf(Buffer.from(hash, 'hex'))));
  }

  findFile(sha256: Buffer): ImageMatch | undefined {
    const found = this.files.get(sha256.toString('hex'));
    return found && matchOf(found, 0);
  }

  /** The nearest of those that are near enough. */
  findImage(imageHash: Buffer): ImageMatch | undefined {
    if (imageHash.length !== PERCEPTUAL_BYTES) return undefined;
    const [high, low] = wordsOf(imageHash);
    let nearest = -1;
    let distance = this.distanceMax + 1;
    for (let at = 0; at < this.images.length; at++) {
      const differing = bitCount(this.words[2 * at]! ^ high) + bitCount(this.words[2 * at + 1]! ^ low);
      if (differing >= distance) continue;
      nearest = at;
      distance = differing;
    }
    return nearest < 0 ? undefined : matchOf(this.images[nearest]!, distance);
  }
}

/** In how many bits two hashes of the same length differ. */
export function hammingDistance(a: Buffer, b: Buffer): number {
  if (a.length !== b.length)
    throw new RangeError(`Hashes of ${a.length} and ${b.length} bytes have no distance`);
  return a.reduce((sum, byte, at) => sum + bitCount(byte ^ b[at]!), 0);
}

const wordsOf = (hash: Buffer): [number, number] => [hash.readInt32BE(0), hash.readInt32BE(4)];

const matchOf = ({ kind, note }: ListedHash, distance: number): ImageMatch => ({
  what: kind,
  distance,
  ...(note !== undefined && { note }),
});

const { imul } = Math;

/** H. S. Warren, "Hacker's Delight", figure 5-2. */
function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
