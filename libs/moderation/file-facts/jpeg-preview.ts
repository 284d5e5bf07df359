import type { HuffmanCodes, JpegScan } from './jpeg-segments.js';

/** How bright each block of 8 × 8 pixels is: grey levels, row by row. */
export interface JpegPreview {
  readonly grey: Uint8Array;
  /** Blocks in a row. */
  readonly stride: number;
  /** Blocks that the image has, the last of a row or column in part. */
  readonly width: number;
  readonly height: number;
}

/** By the next 16 bits: the length of the code in the upper byte, 0 if there is none, and its value. */
type HuffmanTable = Uint16Array;

/**
 * The first coefficient of each block says how bright it is; the others are passed over. Ten times faster than to
 * decode the image, and needs a byte for 64 pixels. Throws Error for what is broken. `bytes` are the whole file. Like
 * the thread that runs it, it imports nothing of ours.
 */
export function jpegPreview(scan: JpegScan, bytes: Buffer): JpegPreview {
  const { width, height, grid, unitsAcross, units } = layoutOf(scan);
  const [stride, rows] = [Math.ceil(width), Math.ceil(height)];
  const reader = new BitReader(bytes.subarray(scan.dataAt));
  const scanned = scan.scanned.map(({ index, dc, ac }) => ({
    ...grid(index),
    isBrightness: index === 0,
    dc: huffmanTable(dc),
    ac: ac && huffmanTable(ac),
    level: 0,
  }));
  const grey = new Uint8ClampedArray(stride * rows);
  for (let unit = 0; unit < units; unit++) {
    if (scan.restartInterval > 0 && unit > 0 && unit % scan.restartInterval === 0) {
      reader.restart();
      for (const each of scanned) each.level = 0;
    }
    for (const each of scanned)
      for (let block = 0; block < each.across * each.down; block++) {
        each.level += reader.block(each.dc, each.ac);
        const x = (unit % unitsAcross) * each.across + (block % each.across);
        const y = Math.floor(unit / unitsAcross) * each.down + Math.floor(block / each.across);
        if (each.isBrightness && x < stride && y < rows)
          grey[y * stride + x] = 128 + (each.level * scan.step) / 8;
      }
  }
  return { grey: new Uint8Array(grey.buffer), stride, width, height };
}

/** T.81, A.2: a scan of one component goes block by block, others in units with blocks of all. */
function layoutOf({ width, height, components, scanned }: JpegScan) {
  const acrossMax = Math.max(...components.map(({ across }) => across));
  const downMax = Math.max(...components.map(({ down }) => down));
  const [brightness] = components as [JpegScan['components'][number]];
  const blocks = {
    width: (width * brightness.across) / acrossMax / 8,
    height: (height * brightness.down) / downMax / 8,
  };
  if (scanned.length === 1) {
    const unitsAcross = Math.ceil(blocks.width);
    return { ...blocks, unitsAcross, units: unitsAcross * Math.ceil(blocks.height), grid: () => SINGLE };
  }
  const unitsAcross = Math.ceil(width / (8 * acrossMax));
  const units = unitsAcross * Math.ceil(height / (8 * downMax));
  return { ...blocks, unitsAcross, units, grid: (index: number) => components[index]! };
}

const SINGLE = { across: 1, down: 1 };

/** T.81, annex C: codes of a length follow each other, those of the next begin at twice the next one. */
function huffmanTable({ counts, values }: HuffmanCodes): HuffmanTable {
  const table = new Uint16Array(0x10000);
  let from = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++)
    for (let code = 0; code < counts[length - 1]!; code++) {
      const to = from + (1 << (16 - length));
      table.fill((length << 8) | values[index++]!, from, to);
      from = to;
    }
  return table;
}

/** Bits of a scan, highest first; a zero that is stuffed after each 255 left out (T.81, F.2.2). */
class BitReader {
  private readonly data: Buffer;
  private at = 0;
  /** The last {@link count} bits of it are the next ones; up to 24. */
  private bits = 0;
  private count = 0;
  /** Zeros that were read beyond the end. */
  private missing = 0;

  constructor(data: Buffer) {
    this.data = data;
  }

  /** Reads a block; the difference of its first coefficient to that of the block before, in steps. */
  block(dc: HuffmanTable, ac: HuffmanTable | undefined): number {
    const difference = this.signed(this.symbol(dc));
    for (let at = 1; ac !== undefined && at < 64; at++) {
      const symbol = this.symbol(ac);
      const size = symbol & 15;
      if (size > 0) this.skip(size);
      else if (symbol < 0xf0) break;
      at += symbol >> 4;
    }
    return difference;
  }

  /** To the mark that stands between intervals, and over it. */
  restart(): void {
    this.count = 0;
    this.missing = 0;
    while (
      this.at + 1 < this.data.length &&
      !(this.data[this.at] === 0xff && (this.data[this.at + 1]! & 0xf8) === 0xd0)
    )
      this.at++;
    this.at += 2;
  }

  private symbol(table: HuffmanTable): number {
    this.fill();
    const entry = table[(this.bits >> (this.count - 16)) & 0xffff]!;
    if (entry === 0) throw new Error('no code');
    this.count -= entry >> 8;
    return entry & 0xff;
  }

  /** T.81, F.2.2.1: numbers of `size` bits, those that begin with 0 negative. */
  private signed(size: number): number {
    if (size === 0) return 0;
    this.fill();
    this.count -= size;
    const value = (this.bits >> this.count) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  private skip(size: number): void {
    if (size > this.count) this.fill();
    this.count -= size;
  }

  /** To 17 bits at least. */
  private fill(): void {
    while (this.count <= 16) {
      this.bits = ((this.bits << 8) | this.nextByte()) & 0xffffff;
      this.count += 8;
    }
  }

  private nextByte(): number {
    const byte = this.data[this.at];
    if (byte === undefined || (byte === 0xff && this.data[this.at + 1] !== 0)) {
      if (++this.missing > MISSING_MAX) throw new Error('the scan ends too early');
      return 0;
    }
    this.at += byte === 0xff ? 2 : 1;
    return byte;
  }
}

/** Bytes that are looked at beyond the last code. */
const MISSING_MAX = 4;
