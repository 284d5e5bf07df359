import { selectCryptoBackend } from '../../crypto/select-backend.js';
import { BackupError } from './backup-error.js';
import { readFrames, writeFrames } from './backup-frames.js';

const crypto = selectCryptoBackend('sodium');
const PASSPHRASE = 'correct horse';
const CHEAP = { N: 16, r: 8, p: 1 };
const FRAME = 256 * 1024;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collected(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

const framed = (bytes: Buffer, passphrase?: string): Promise<Buffer> =>
  collected(writeFrames(inPieces(bytes, 100_000), { crypto, passphrase, cost: CHEAP }));
const unframed = (bytes: Buffer, passphrase?: string): Promise<Buffer> =>
  collected(readFrames(inPieces(bytes, 70_000), { crypto, passphrase }));

/** Where each frame begins, with its length before it. */
function frameStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  const headerAt = bytes.indexOf(0x0a) + 1;
  for (
    let at = headerAt + 4 + bytes.readUInt32BE(headerAt);
    at < bytes.length;
    at += 4 + bytes.readUInt32BE(at)
  )
    starts.push(at);
  return starts;
}

describe('the frames of a backup', () => {
  it.each([0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 17])(
    'give back %d bytes as they were',
    async (size) => {
      const bytes = crypto.randomBytes(size);
      expect((await unframed(await framed(bytes))).equals(bytes)).toBe(true);
    },
  );

  it('give them back with a passphrase, and show nothing of them without', async () => {
    const bytes = Buffer.from('what members wrote '.repeat(20_000));
    const sealed = await framed(bytes, PASSPHRASE);
    expect(sealed.includes('members')).toBe(false);
    expect((await unframed(sealed, PASSPHRASE)).equals(bytes)).toBe(true);
    await expect(unframed(sealed)).rejects.toThrow('This backup is encrypted');
    await expect(unframed(sealed, 'wrong horse')).rejects.toThrow('The passphrase is wrong');
  });

  it('of the same bytes never look alike when they are encrypted', async () => {
    const bytes = Buffer.from('the same');
    expect((await framed(bytes, PASSPHRASE)).equals(await framed(bytes, PASSPHRASE))).toBe(false);
  });
});

describe.each([
  ['without a passphrase', undefined],
  ['with a passphrase', PASSPHRASE],
])('a backup %s is refused', (_, passphrase) => {
  let whole: Buffer;
  beforeAll(async () => {
    whole = await framed(crypto.randomBytes(2 * FRAME + 100), passphrase);
  });
  const refused = (bytes: Buffer) => expect(unframed(bytes, passphrase)).rejects.toThrow(BackupError);

  it('with one flipped bit, wherever it is', async () => {
    const places = [0, 15, 20, 40, ...frameStarts(whole), whole.length - 1];
    for (let at = 1; at < 10; at++) places.push(Math.floor((whole.length * at) / 10));
    for (const place of places) {
      const spoilt = Buffer.from(whole);
      spoilt[place]! ^= 1 << (place % 8);
      await refused(spoilt);
    }
  });

  it('when its end is missing, also between two frames', async () => {
    for (const end of [...frameStarts(whole), 3, 30, whole.length - 1, whole.length - 40])
      await refused(whole.subarray(0, end));
  });

  it('when a frame is left out, doubled or moved', async () => {
    const [first, second, third] = frameStarts(whole) as [number, number, number];
    const part = (from: number, to?: number): Buffer => whole.subarray(from, to);
    await refused(Buffer.concat([part(0, first), part(second)]));
    await refused(Buffer.concat([part(0, second), part(third)]));
    await refused(Buffer.concat([part(0, second), part(first)]));
    await refused(Buffer.concat([part(0, first), part(second, third), part(first, second), part(third)]));
  });

  it('when something follows', () => refused(Buffer.concat([whole, Buffer.alloc(1)])));
});

describe('what is no backup', () => {
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a file of another program', Buffer.from('SQLite format 3\0'.repeat(100))],
    ['a header that asks for all memory', hugeCost()],
  ])('is refused: %s', async (_, bytes) => {
    await expect(unframed(bytes, 'x')).rejects.toThrow(BackupError);
  });
});

function hugeCost(): Buffer {
  const header = Buffer.from(
    JSON.stringify({ cipher: 'aes-256-gcm', salt: '00', cost: { N: 2 ** 30, r: 8, p: 1 } }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([Buffer.from('PLAZA BACKUP 1\n'), length, header]);
}
