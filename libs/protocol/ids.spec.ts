import {
  isBlinded,
  isUnblinded,
  parseRoomToken,
  parseSessionId,
  roomTokenKey,
  sessionIdKey,
  sessionIdOf,
} from './ids.js';

const key = Buffer.from('0123456789abcdef'.repeat(4), 'hex');

describe('a session id', () => {
  it.each(['05', '15', '25'])('may begin with %s', (prefix) => {
    expect(parseSessionId(prefix + key.toString('hex'))).toBe(prefix + key.toString('hex'));
  });

  it('is lower-cased', () => {
    expect(parseSessionId(`15${key.toString('hex').toUpperCase()}`)).toBe(`15${key.toString('hex')}`);
  });

  it.each([
    ['the prefix of a signing key', `00${key.toString('hex')}`],
    ['the server’s own prefix', `ff${key.toString('hex')}`],
    ['an unknown prefix', `35${key.toString('hex')}`],
    ['a digit too few', `05${key.toString('hex').slice(1)}`],
    ['a digit too many', `05${key.toString('hex')}0`],
    ['no hex', `05${'g'.repeat(64)}`],
    ['a line break in it', `05${key.toString('hex').slice(1)}\n`],
    ['letters that lower-case to others', `05${'K'.repeat(64)}`],
    ['a letter that lower-cases to two', `05${'İ'.repeat(64)}`],
    ['nothing', ''],
  ])('is refused with %s', (_what, text) => {
    expect(parseSessionId(text)).toBeUndefined();
  });

  it('is a prefix and a key', () => {
    const id = sessionIdOf('15', key);
    expect(id).toBe(`15${key.toString('hex')}`);
    expect(sessionIdKey(id)).toEqual(key);
  });

  it('tells blinded from unblinded by its prefix', () => {
    const [blinded, unblinded, other] = [
      sessionIdOf('15', key),
      sessionIdOf('05', key),
      sessionIdOf('ff', key),
    ];
    expect([isBlinded(blinded), isUnblinded(blinded)]).toEqual([true, false]);
    expect([isBlinded(unblinded), isUnblinded(unblinded)]).toEqual([false, true]);
    expect([isBlinded(other), isUnblinded(other)]).toEqual([false, false]);
  });
});

describe('a room token', () => {
  it.each(['a', 'Fish-Tank_2', 'x'.repeat(64)])('%s is one', (token) => {
    expect(parseRoomToken(token)).toBe(token);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'a/b', 'é', 'a.b', 'a\n', '*'])('%j is none', (token) => {
    expect(parseRoomToken(token)).toBeUndefined();
  });

  it('is compared without case', () => {
    expect(roomTokenKey('Fish-Tank')).toBe(roomTokenKey('fISH-tANK'));
  });
});
