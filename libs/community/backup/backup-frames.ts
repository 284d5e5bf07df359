import { z } from 'zod';
import type { CryptoBackend } from '../../crypto/crypto-backend.js';
import { PASSPHRASE_COST, passphraseKey, type PassphraseCost } from '../../crypto/passphrase-key.js';
import { RunningDigest } from '../../crypto/running-digest.js';
import { BackupError, damaged } from './backup-error.js';
import { ByteReader } from './byte-reader.js';
import { jsonIn } from '../../protocol/json.js';

/*
 * The outside of a backup: a stream of bytes in frames, each of which is checked before its bytes are given on.
 *
 *   "PLAZA BACKUP 1\n" | u32 length | header (JSON) | frame | frame | … | last frame
 *   frame: u32 length | box;   box of: u48 number from 0 | u8 1 for the last, else 0 | bytes
 *
 * Without a passphrase a box is its content and SHA-256(the box's before it, at first the header's, | content): against
 * accidents. With one it is sealed with AES-256-GCM under scrypt(passphrase, SHA-256(header)): against people too.
 * Number and mark stand inside, so that no frame can be left out, doubled, moved or cut off at the end.
 */

const MAGIC = Buffer.from('PLAZA BACKUP 1\n');
const HEADER_BYTES_MAX = 4096;
const FRAME_BYTES = 256 * 1024;
const BOX_BYTES_MAX = FRAME_BYTES + 4096;
const DIGEST_BYTES = 32;
const NUMBER_BYTES = 6;
const PREFIX_BYTES = NUMBER_BYTES + 1;
const SALT_BYTES = 32;

const headerSchema = z.object({
  cipher: z.enum(['none', 'aes-256-gcm']),
  salt: z.string(),
  cost: z.object({ N: z.int(), r: z.int(), p: z.int() }),
});

interface Boxes {
  seal(content: Buffer): Buffer;
  /** Undefined for what was not made by {@link seal}. */
  open(box: Buffer): Buffer | undefined;
}

export interface FrameOptions {
  crypto: CryptoBackend;
  /** Undefined: not encrypted. */
  passphrase: string | undefined;
  /** What guessing it is to cost, for those who write. */
  cost?: PassphraseCost;
}

/** Puts bytes into frames. */
export async function* writeFrames(
  bytes: AsyncIterable<Buffer>,
  options: FrameOptions,
): AsyncGenerator<Buffer> {
  const cipher = options.passphrase === undefined ? 'none' : 'aes-256-gcm';
  const salt = options.crypto.randomBytes(SALT_BYTES).toString('hex');
  const header = Buffer.from(JSON.stringify({ cipher, salt, cost: options.cost ?? PASSPHRASE_COST }));
  const boxes = await boxesOf(header, options);
  yield Buffer.concat([MAGIC, lengthOf(header), header]);
  let number = 0;
  const frame = (content: Buffer, isLast: boolean): Buffer => {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUIntBE(number++, 0, NUMBER_BYTES);
    prefix[NUMBER_BYTES] = Number(isLast);
    const box = boxes.seal(Buffer.concat([prefix, content]));
    return Buffer.concat([lengthOf(box), box]);
  };
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of bytes) {
    held.push(piece);
    size += piece.length;
    if (size < FRAME_BYTES) continue;
    let all = Buffer.concat(held);
    for (; all.length >= FRAME_BYTES; all = all.subarray(FRAME_BYTES))
      yield frame(all.subarray(0, FRAME_BYTES), false);
    [held, size] = [[all], all.length];
  }
  yield frame(Buffer.concat(held), true);
}

/** Takes bytes out of frames. Throws {@link BackupError} where a frame is not what was written, and at any other end. */
export async function* readFrames(
  pieces: AsyncIterable<Buffer>,
  options: FrameOptions,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(pieces);
  const boxes = await boxesOf(await readHeader(reader), options);
  for (let number = 0; ; number++) {
    const box = await readSized(reader, BOX_BYTES_MAX, `at piece ${number}`);
    const content = boxes.open(box);
    if (!content && number === 0 && options.passphrase !== undefined)
      throw new BackupError('The passphrase is wrong, or the backup is damaged.');
    if (!content || content.length < PREFIX_BYTES || content.readUIntBE(0, NUMBER_BYTES) !== number)
      throw damaged(`at piece ${number}`);
    yield content.subarray(PREFIX_BYTES);
    if (content[NUMBER_BYTES] !== 1) continue;
    if (await reader.take(1, () => damaged('after its end'))) throw damaged('after its end');
    return;
  }
}

async function readHeader(reader: ByteReader): Promise<Buffer> {
  const magic = await reader.take(MAGIC.length, notOurs);
  if (!magic?.equals(MAGIC)) throw notOurs();
  return readSized(reader, HEADER_BYTES_MAX, 'at its beginning');
}

const notOurs = (): BackupError =>
  new BackupError('This is no backup of Plaza, or of a version that this one does not know.');

async function readSized(reader: ByteReader, most: number, where: string): Promise<Buffer> {
  const size = (await reader.take(4, () => damaged(where)))?.readUInt32BE();
  if (size === undefined || size > most) throw damaged(where);
  const bytes = await reader.take(size, () => damaged(where));
  if (!bytes) throw damaged(where);
  return bytes;
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}

async function boxesOf(header: Buffer, { crypto, passphrase }: FrameOptions): Promise<Boxes> {
  const parsed = headerSchema.safeParse(jsonIn(header.toString()));
  if (!parsed.success) throw damaged('at its beginning');
  const { cipher, cost } = parsed.data;
  if (cipher === 'none') {
    if (passphrase !== undefined)
      throw new BackupError('This backup is not encrypted: no passphrase is needed.');
    return chainedBoxes(digestOf(header));
  }
  if (passphrase === undefined) throw new BackupError('This backup is encrypted: say --passphrase-file.');
  const key = await passphraseKey(passphrase, digestOf(header), cost).catch(() => undefined);
  if (!key) throw damaged('at its beginning');
  return crypto.aesGcm(key);
}

function chainedBoxes(start: Buffer): Boxes {
  let before = start;
  return {
    seal(content) {
      before = digestOf(before, content);
      return Buffer.concat([content, before]);
    },
    open(box) {
      if (box.length < DIGEST_BYTES) return undefined;
      const content = box.subarray(0, -DIGEST_BYTES);
      before = digestOf(before, content);
      return before.equals(box.subarray(-DIGEST_BYTES)) ? content : undefined;
    },
  };
}

function digestOf(...parts: Buffer[]): Buffer {
  const digest = new RunningDigest();
  for (const part of parts) digest.add(part);
  return digest.bytes();
}
