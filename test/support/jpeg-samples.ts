/** JPEGs of flat blocks, in the forms that nothing installed writes (ITU T.81). */
export interface BlockJpeg {
  width: number;
  height: number;
  /** Sampling of each component, brightness first; the others are without colour. */
  sampling: readonly (readonly [across: number, down: number])[];
  /** Of a block of brightness, 0–255. */
  level(x: number, y: number): number;
  restartInterval?: number;
  isProgressive?: boolean;
  /** One scan for each component. */
  isApart?: boolean;
  /** Adobe's mark that the components are red, green and blue. */
  isRgb?: boolean;
}

/** What a step of a first coefficient is worth: one grey level. */
const STEP = 8;

export function blockJpeg(jpeg: BlockJpeg): Buffer {
  const { width, height, sampling, restartInterval = 0, isProgressive, isRgb } = jpeg;
  const frame = [8, ...u16(height), ...u16(width), sampling.length];
  for (const [index, [across, down]] of sampling.entries()) frame.push(index + 1, across * 16 + down, 0);
  const all = sampling.map((_, index) => index);
  const scans = jpeg.isApart ? all.map((index) => [index]) : [all];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...(isRgb ? [segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0])] : []),
    segment(0xdb, [0, ...Array<number>(64).fill(STEP)]),
    segment(isProgressive ? 0xc2 : 0xc0, frame),
    // Twelve codes of four bits for the sizes of numbers, one of one bit for "no more in this block".
    segment(0xc4, [
      0x00,
      0,
      0,
      0,
      12,
      ...Array<number>(12).fill(0),
      ...Array.from({ length: 12 }, (_, size) => size),
    ]),
    segment(0xc4, [0x10, 1, ...Array<number>(15).fill(0), 0]),
    segment(0xdd, u16(restartInterval)),
    ...scans.flatMap((components) => [
      segment(0xda, [
        components.length,
        ...components.flatMap((index) => [index + 1, 0x00]),
        0,
        isProgressive ? 0 : 63,
        0,
      ]),
      scanData(jpeg, components),
    ]),
    Buffer.from([0xff, 0xd9]),
  ]);
}

const u16 = (value: number): number[] => [value >> 8, value & 255];
const segment = (marker: number, content: readonly number[]): Buffer =>
  Buffer.from([0xff, marker, ...u16(content.length + 2), ...content]);

function scanData(
  { width, height, sampling, level, restartInterval = 0, isProgressive }: BlockJpeg,
  components: readonly number[],
): Buffer {
  const acrossMax = Math.max(...sampling.map(([across]) => across));
  const downMax = Math.max(...sampling.map(([, down]) => down));
  const isSingle = components.length === 1;
  const [singleAcross, singleDown] = sampling[components[0]!]!;
  const unitsAcross = Math.ceil((isSingle ? (width * singleAcross) / acrossMax : width / acrossMax) / 8);
  const unitsDown = Math.ceil((isSingle ? (height * singleDown) / downMax : height / downMax) / 8);
  const writer = new BitWriter();
  let before = components.map(() => 0);
  for (let unit = 0; unit < unitsAcross * unitsDown; unit++) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      writer.restart(unit / restartInterval - 1);
      before = components.map(() => 0);
    }
    for (const [place, index] of components.entries()) {
      const [across, down] = isSingle ? [1, 1] : sampling[index]!;
      for (let block = 0; block < across * down; block++) {
        const x = (unit % unitsAcross) * across + (block % across);
        const y = Math.floor(unit / unitsAcross) * down + Math.floor(block / across);
        const value = index === 0 ? level(x, y) - 128 : 0;
        writer.difference(value - before[place]!);
        if (!isProgressive) writer.write(0, 1);
        before[place] = value;
      }
    }
  }
  return writer.end();
}

class BitWriter {
  private readonly bytes: number[] = [];
  private bits = '';

  write(value: number, length: number): void {
    if (length > 0) this.bits += value.toString(2).padStart(length, '0');
  }

  difference(value: number): void {
    const size = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
    this.write(size, 4);
    this.write(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  restart(number: number): void {
    this.flush();
    this.bytes.push(0xff, 0xd0 + (number & 7));
  }

  end(): Buffer {
    this.flush();
    return Buffer.from(this.bytes);
  }

  private flush(): void {
    const bits = this.bits.padEnd(Math.ceil(this.bits.length / 8) * 8, '1');
    for (let at = 0; at < bits.length; at += 8) {
      const byte = parseInt(bits.slice(at, at + 8), 2);
      this.bytes.push(byte, ...(byte === 0xff ? [0] : []));
    }
    this.bits = '';
  }
}
