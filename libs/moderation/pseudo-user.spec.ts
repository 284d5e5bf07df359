import sodium from 'libsodium-wrappers-sumo';
import { nobleBackend } from '../crypto/noble-backend.js';
import { sodiumBackend } from '../crypto/sodium-backend.js';
import { readContent } from '../protocol/content.js';
import type { SessionId } from '../protocol/ids.js';
import { removePadding } from '../protocol/padding.js';
import { PROFILE_NAME_BYTES_MAX, PSEUDO_USERS_MAX } from './filter-limits.js';
import { PseudoUsers } from './pseudo-user.js';

const PRIVATE_KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
/** Computed with Python's hashlib and OpenSSL from protocol.md §12. */
const VECTORS = [
  ['Plaza', '629cd16895c0a20be8f391d032ddcd63af40f4805881d8d54a355bd8d0193d67'],
  ['Wächter 🤖', '710ab1d7c8dcfd11704d94209bff92125b6fce892c71d8f37197b27f17b10d03'],
] as const;

beforeAll(() => sodium.ready);

describe.each([sodiumBackend, nobleBackend])('a pseudo-user with $name', (crypto) => {
  const users = new PseudoUsers(crypto, PRIVATE_KEY);

  it.each(VECTORS)('%s has the id that the protocol gives it', (profileName, publicKey) => {
    expect(users.sessionIdOf(profileName)).toBe(`15${publicKey}`);
  });

  it('has a key that libsodium derives too', () => {
    const name = Buffer.from('SOGS');
    const seed = sodium.crypto_generichash(
      32,
      Buffer.concat([name, PRIVATE_KEY]),
      Buffer.from('sogsfiltering'),
    );
    const { publicKey } = sodium.crypto_sign_seed_keypair(seed);
    expect(users.sessionIdOf('SOGS')).toBe(`15${Buffer.from(publicKey).toString('hex')}`);
  });

  it('writes what clients read, signed', () => {
    const { sessionId, data, signature } = users.write(
      { profileName: 'Wächter 🤖', text: 'No, Ada!' },
      1_700_000_000_123.7,
    );
    expect(sessionId).toBe(users.sessionIdOf('Wächter 🤖'));
    expect(data.subarray(-2)).toEqual(Buffer.from([0x80, 0]));
    expect(readContent(removePadding(data).data)).toEqual({
      body: 'No, Ada!',
      displayName: 'Wächter 🤖',
      timestampMs: 1_700_000_000_123,
      attachments: [],
    });
    const key = Buffer.from(sessionId.slice(2), 'hex');
    expect(sodium.crypto_sign_verify_detached(signature, data, key)).toBe(true);
    expect(sodium.crypto_sign_verify_detached(signature, Buffer.concat([data, data]), key)).toBe(false);
  });
});

it('pseudo-users differ by name and by server', () => {
  const other = new PseudoUsers(nobleBackend, Buffer.alloc(32, 7));
  const users = new PseudoUsers(nobleBackend, PRIVATE_KEY);
  const ids = [users.sessionIdOf('a'), users.sessionIdOf('b'), other.sessionIdOf('a')];
  expect(new Set(ids).size).toBe(3);
});

it('keys of many names are not all kept, and stay the same', () => {
  const users = new PseudoUsers(sodiumBackend, PRIVATE_KEY);
  const id = users.sessionIdOf('0');
  for (let name = 1; name <= PSEUDO_USERS_MAX; name++) users.sessionIdOf(String(name));
  expect(users.sessionIdOf('0')).toBe(id);
});

it('a pseudo-user is known by its id and its name together', () => {
  const users = new PseudoUsers(nobleBackend, PRIVATE_KEY);
  const id = users.sessionIdOf('Plaza');
  expect(users.includes(id, 'Plaza')).toBe(true);
  expect(users.includes(id, 'plaza')).toBe(false);
  expect(users.includes(`15${'0'.repeat(64)}` as SessionId, 'Plaza')).toBe(false);
  expect(users.includes(`05${id.slice(2)}` as SessionId, 'Plaza')).toBe(false);
  const tooLong = 'a'.repeat(PROFILE_NAME_BYTES_MAX + 1);
  expect(users.includes(users.sessionIdOf(tooLong), tooLong)).toBe(false);
});
