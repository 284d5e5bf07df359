import { KEY_BYTES, XCHACHA20_NONCE_BYTES, type CryptoBackend } from '../crypto/crypto-backend.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import { serverKeysOf } from '../crypto/server-keys.js';
import { sessionIdKey, sessionIdOf, type BlindedId, type SessionId } from '../protocol/ids.js';
import { absoluteOf, blindingFactor } from './blinding.js';
import { ServerMessenger } from './server-messenger.js';

const noble = selectCryptoBackend('noble');
const server = serverKeysOf(noble, Buffer.alloc(KEY_BYTES, 7));
const k = blindingFactor(noble, server.publicKey);
const CONTENT = Buffer.from('a message with its padding');

/** Somebody with an account here. */
function person(seedByte: number): { b: Buffer; id: BlindedId } {
  const seed = Buffer.alloc(KEY_BYTES, seedByte);
  const kB = noble.multiplyEd25519(k, noble.ed25519PublicKey(seed))!;
  return { b: noble.ed25519PrivateScalar(seed), id: sessionIdOf('15', kB) as BlindedId };
}

/** As a client does it (protocol.md §7.1), and with the other library. */
function open(
  message: Buffer,
  sender: SessionId,
  { b, id }: { b: Buffer; id: BlindedId },
): Buffer | undefined {
  const [kA, kB] = [sessionIdKey(sender), sessionIdKey(id)];
  const key = noble.blake2b(KEY_BYTES, noble.multiplyEd25519(b, kA)!, kA, kB);
  const nonce = message.subarray(-XCHACHA20_NONCE_BYTES);
  return noble.xchacha20(key).open(Buffer.concat([nonce, message.subarray(1, -XCHACHA20_NONCE_BYTES)]));
}

describe.each(['sodium', 'noble'] as const)('the server’s letters, written with %s', (name) => {
  const crypto: CryptoBackend = selectCryptoBackend(name);
  const messenger = new ServerMessenger(crypto, server);
  const ann = person(1);

  it('are read by whom they are for, who sees that they are by this id', () => {
    const message = messenger.seal(ann.id, CONTENT)!;
    expect(message[0]).toBe(0);
    const opened = open(message, messenger.sessionId, ann)!;
    expect(opened.subarray(0, -KEY_BYTES)).toEqual(CONTENT);
    const blinded = noble.multiplyEd25519(k, opened.subarray(-KEY_BYTES))!;
    expect(absoluteOf(sessionIdOf('15', blinded) as BlindedId)).toBe(absoluteOf(messenger.sessionId));
  });

  it('are read by nobody else, and not when they were changed', () => {
    const message = messenger.seal(ann.id, CONTENT)!;
    expect(open(message, messenger.sessionId, person(2))).toBeUndefined();
    message[5]! ^= 1;
    expect(open(message, messenger.sessionId, ann)).toBeUndefined();
  });

  it('are different each time, and longer by 73 bytes', () => {
    const [one, two] = [messenger.seal(ann.id, CONTENT)!, messenger.seal(ann.id, CONTENT)!];
    expect(one).not.toEqual(two);
    expect(one.length - CONTENT.length).toBe(73);
  });

  it('go to blinded ids that are keys alone', () => {
    expect(messenger.seal(`05${'a'.repeat(64)}` as SessionId, CONTENT)).toBeUndefined();
    expect(messenger.seal(`15${'0'.repeat(64)}` as SessionId, CONTENT)).toBeUndefined();
  });
});

it('the messenger has the same id in every run and with either library, and another for another server', () => {
  const idOf = (name: 'sodium' | 'noble', keys = server): string =>
    new ServerMessenger(selectCryptoBackend(name), keys).sessionId;
  expect(idOf('sodium')).toBe(idOf('noble'));
  expect(idOf('sodium', serverKeysOf(noble, Buffer.alloc(KEY_BYTES, 8)))).not.toBe(idOf('sodium'));
});
