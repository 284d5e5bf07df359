import { isBeyondEnd } from './image-header.js';

/** What it takes to read the brightness in the first scan of a JPEG (ITU T.81). Can be handed to a thread. */
export interface JpegScan {
  readonly width: number;
  readonly height: number;
  /** Of the whole image, in the order of its header: brightness, then colours. */
  readonly components: readonly JpegComponent[];
  readonly scanned: readonly ScannedComponent[];
  /** Units between two marks; 0: there are none. */
  readonly restartInterval: number;
  /** What one step of the first coefficient of brightness is worth. */
  readonly step: number;
  /** Where the data of the scan begins in the file. */
  readonly dataAt: number;
}

export interface JpegComponent {
  readonly id: number;
  /** Its blocks in a unit of several components, across and down. */
  readonly across: number;
  readonly down: number;
}

export interface ScannedComponent {
  /** Its place in {@link JpegScan.components}. */
  readonly index: number;
  readonly dc: HuffmanCodes;
  /** None in the first scan of a progressive JPEG. */
  readonly ac?: HuffmanCodes;
}

export interface HuffmanCodes {
  /** How many codes have 1, 2, … 16 bits. */
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
}

interface Tables {
  /** First entry of each quantization table. */
  readonly steps: (number | undefined)[];
  readonly dc: (HuffmanCodes | undefined)[];
  readonly ac: (HuffmanCodes | undefined)[];
  restartInterval: number;
  frame: Frame | undefined;
  isRgb: boolean;
}

interface Frame extends Pick<JpegScan, 'width' | 'height'> {
  readonly isProgressive: boolean;
  readonly components: readonly (JpegComponent & { readonly quantization: number })[];
}

const START_OF_SCAN = 0xffda;
const FILL = 0xffff;

/**
 * Baseline and progressive Huffman coding of eight bits, with brightness (no red, green and blue) in the first scan:
 * that is nearly every JPEG. Undefined for others and for broken ones. Never throws.
 */
export function readJpegScan(bytes: Buffer): JpegScan | undefined {
  const tables: Tables = { steps: [], dc: [], ac: [], restartInterval: 0, frame: undefined, isRgb: false };
  try {
    for (let at = 2; ;) {
      const marker = bytes.readUInt16BE(at);
      if (marker === FILL) {
        at++;
        continue;
      }
      const end = at + 2 + bytes.readUInt16BE(at + 2);
      const segment = bytes.subarray(at + 4, end);
      if (marker === START_OF_SCAN) return scanOf(tables, segment, end);
      if (!readSegment(tables, marker, segment)) return undefined;
      at = end;
    }
  } catch (error) {
    if (isBeyondEnd(error)) return undefined;
    throw error;
  }
}

/** False for what is not read here. */
function readSegment(tables: Tables, marker: number, segment: Buffer): boolean {
  switch (marker) {
    case 0xffc0:
    case 0xffc1:
    case 0xffc2:
      tables.frame = readFrame(segment, marker === 0xffc2);
      return segment.readUInt8(0) === 8 && [1, 3].includes(tables.frame.components.length);
    case 0xffc4:
      readHuffmanTables(tables, segment);
      return true;
    case 0xffdb:
      readQuantizationTables(tables, segment);
      return true;
    case 0xffdd:
      tables.restartInterval = segment.readUInt16BE(0);
      return true;
    case 0xffee: // Adobe's: whether three components are colours
      tables.isRgb = segment.toString('latin1', 0, 5) === 'Adobe' && segment[11] === 0;
      return true;
    default:
      return marker >= 0xffe0;
  }
}

function readFrame(segment: Buffer, isProgressive: boolean): Frame {
  const components = Array.from({ length: segment.readUInt8(5) }, (_, index) => {
    const at = 6 + 3 * index;
    const sampling = segment.readUInt8(at + 1);
    return {
      id: segment.readUInt8(at),
      across: Math.max(1, sampling >> 4),
      down: Math.max(1, sampling & 15),
      quantization: segment.readUInt8(at + 2),
    };
  });
  return { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3), isProgressive, components };
}

function readQuantizationTables({ steps }: Tables, segment: Buffer): void {
  for (let at = 0; at < segment.length;) {
    const kind = segment.readUInt8(at);
    const isWide = kind >> 4 !== 0;
    steps[kind & 15] = isWide ? segment.readUInt16BE(at + 1) : segment.readUInt8(at + 1);
    at += 1 + (isWide ? 128 : 64);
  }
}

function readHuffmanTables({ dc, ac }: Tables, segment: Buffer): void {
  for (let at = 0; at < segment.length;) {
    const kind = segment.readUInt8(at);
    const counts = segment.subarray(at + 1, at + 17);
    const values = segment.subarray(at + 17, at + 17 + counts.reduce((sum, count) => sum + count, 0));
    (kind >> 4 === 0 ? dc : ac)[kind & 15] = {
      counts: Uint8Array.from(counts),
      values: Uint8Array.from(values),
    };
    at += 17 + values.length;
  }
}

function scanOf({ frame, ...tables }: Tables, header: Buffer, dataAt: number): JpegScan | undefined {
  if (!frame || frame.width * frame.height === 0 || (tables.isRgb && frame.components.length === 3))
    return undefined;
  const count = header.readUInt8(0);
  const scanned = Array.from({ length: count }, (_, place): ScannedComponent | undefined => {
    const index = frame.components.findIndex(({ id }) => id === header.readUInt8(1 + 2 * place));
    const choice = header.readUInt8(2 + 2 * place);
    const dc = tables.dc[choice >> 4];
    const ac = frame.isProgressive ? undefined : tables.ac[choice & 15];
    return index < 0 || !dc || !(ac || frame.isProgressive) ? undefined : { index, dc, ...(ac && { ac }) };
  });
  const step = tables.steps[frame.components[0]!.quantization];
  const isWhole = scanned.every((each) => each !== undefined);
  if (step === undefined || !isWhole || !scanned.some(({ index }) => index === 0)) return undefined;
  const approximation = header.readUInt8(3 + 2 * count) & 15;
  const { width, height, components } = frame;
  const { restartInterval } = tables;
  return { width, height, components, scanned, restartInterval, step: step * 2 ** approximation, dataAt };
}
