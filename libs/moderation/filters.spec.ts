import fc from 'fast-check';
import { contentBytes, type WrittenContent } from '../../test/support/content-writer.js';
import { COMPILED_ROOMS_MAX } from './filter-limits.js';
import { parseRoomRules, parseServerRules } from './filter-rules.js';
import { Filters, type FilterVerdict, type RoomFilter } from './filters.js';

const SESSION_ID = `15${'ab'.repeat(32)}`;
const room = { name: 'Fishing', token: 'fish' };
const first = (): number => 0;
const server = (rules: unknown, random = first): Filters => new Filters(parseServerRules(rules), random);
const checkBytes = (filter: RoomFilter, data: Buffer, isModerator = false): FilterVerdict =>
  filter.check({ data, isModerator, sessionId: SESSION_ID, room });
const check = (filter: RoomFilter, content: WrittenContent | string, isModerator = false): FilterVerdict =>
  checkBytes(filter, contentBytes(typeof content === 'string' ? { body: content } : content), isModerator);

const BAD = { profanity: { enabled: true, builtIn: false, words: ['bad'] } };
const CYRILLIC = { alphabets: { names: ['cyrillic'] } };
const BOTH = { ...BAD, ...CYRILLIC };

describe('the verdict', () => {
  it('is to pass without rules', () => {
    expect(check(server({}).server, 'fuck привет')).toEqual({ pass: true });
  });

  it('names what was found, and whether to hide it', () => {
    const filter = server({ ...BOTH, profanity: { ...BAD.profanity, silent: false } }).server;
    expect(check(filter, 'so bad')).toEqual({ pass: false, type: 'profanity', silent: false });
    expect(check(filter, 'привет')).toEqual({
      pass: false,
      type: 'alphabet',
      alphabet: 'cyrillic',
      silent: true,
    });
    expect(check(filter, 'good')).toEqual({ pass: true });
  });

  it('has the built-in list unless told otherwise', () => {
    expect(check(server({ profanity: { enabled: true } }).server, 'fuck')).toMatchObject({ pass: false });
    expect(check(server(BAD).server, 'fuck')).toEqual({ pass: true });
  });

  it('looks at alphabets first', () => {
    expect(check(server(BOTH).server, 'bad привет')).toMatchObject({ type: 'alphabet' });
  });

  it('looks at the name for words, not for alphabets', () => {
    expect(check(server(BOTH).server, { body: 'hi', displayName: 'Bad' })).toMatchObject({
      type: 'profanity',
    });
    expect(check(server(BOTH).server, { displayName: 'bad' })).toMatchObject({ type: 'profanity' });
    expect(check(server(BOTH).server, { body: 'hi', displayName: 'Иван' })).toEqual({ pass: true });
  });

  it('exempts moderators, unless told otherwise', () => {
    expect(check(server(BAD).server, 'bad', true)).toEqual({ pass: true });
    expect(check(server({ ...BAD, filterModerators: true }).server, 'bad', true)).toMatchObject({
      pass: false,
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no protobuf', Buffer.from('bad привет')],
    ['cut off', contentBytes({ body: 'bad' }).subarray(0, -1)],
    ['without a data message', Buffer.from([0x10, 0x01])],
    ['without texts', contentBytes({ timestampMs: 1 })],
  ])('is to pass for what cannot be read: %s', (_, data) =>
    expect(checkBytes(server(BOTH).server, data)).toEqual({ pass: true }),
  );

  it('comes for any bytes', () => {
    const filter = server({ ...BOTH, replies: [{ type: '*', templates: ['{name}'] }] }).server;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof checkBytes(filter, Buffer.from(bytes)).pass).toBe('boolean');
      }),
    );
  });
});

describe('a room', () => {
  it('goes by its own rules, over those of the server', () => {
    const filters = server(BOTH);
    const off = filters.forRoom(1, 'a', parseRoomRules({ profanity: { enabled: false } }, 'fish'));
    expect(check(off, 'bad')).toEqual({ pass: true });
    expect(check(off, 'привет')).toMatchObject({ type: 'alphabet' });
    expect(check(filters.server, 'bad')).toMatchObject({ type: 'profanity' });
  });

  it('adds its words to those of the server, or replaces them', () => {
    const filters = server(BAD);
    const judge = (rules: object, id: number): boolean[] => {
      const filter = filters.forRoom(id, 'a', parseRoomRules({ profanity: rules }, 'fish'));
      return ['bad', 'worse'].map((text) => check(filter, text).pass);
    };
    expect(judge({ words: ['worse'] }, 1)).toEqual([false, false]);
    expect(judge({ words: ['worse', '!bad'] }, 2)).toEqual([true, false]);
    expect(judge({ words: ['worse'], inheritWords: false }, 3)).toEqual([true, false]);
  });

  it('is compiled once for each revision of its rules', () => {
    const filters = server(BAD);
    const rules = parseRoomRules({ profanity: { words: ['worse'] } }, 'fish');
    expect(filters.known(1, 'a')).toBeUndefined();
    const filter = filters.forRoom(1, 'a', rules);
    expect(filters.forRoom(1, 'a', rules)).toBe(filter);
    expect(filters.known(1, 'a')).toBe(filter);
    expect(filters.known(1, 'b')).toBeUndefined();
    expect(filters.forRoom(1, 'b', {})).not.toBe(filter);
    expect(filters.known(1, 'a')).toBeUndefined();
  });

  it('is forgotten when many others were used since', () => {
    const filters = server(BAD);
    for (let id = 0; id <= COMPILED_ROOMS_MAX; id++) filters.forRoom(id, 'a', {});
    expect(filters.known(0, 'a')).toBeUndefined();
    expect(filters.known(1, 'a')).toBeDefined();
  });
});

describe('the reply', () => {
  const replying = (serverReplies: object[], roomReplies: object[] = [], random = first): RoomFilter =>
    server({ ...BOTH, replies: serverReplies }, random).forRoom(
      1,
      'a',
      parseRoomRules({ replies: roomReplies }, 'fish'),
    );
  const replyFor = (filter: RoomFilter, body: string): unknown => {
    const verdict = check(filter, { body, displayName: 'Ada' });
    return verdict.pass ? undefined : verdict.reply;
  };

  it('is there when a rule has a template', () => {
    const filter = replying([{ type: '*', templates: ['{mention} {name}: {room}, {token}'] }]);
    expect(replyFor(filter, 'bad')).toEqual({
      profileName: 'Plaza',
      text: `@${SESSION_ID} Ada: Fishing, fish`,
      public: false,
    });
    expect(replyFor(filter, 'good')).toBeUndefined();
  });

  it.each([[[]], [[{ type: '*', profileName: 'X' }]], [[{ type: 'alphabet', templates: ['x'] }]]])(
    'is not there otherwise: %j',
    (replies) =>
      expect(check(replying(replies), 'bad')).toEqual({ pass: false, type: 'profanity', silent: true }),
  );

  it('takes each setting from the most specific rule that has it', () => {
    const filter = replying(
      [
        { type: 'cyrillic', templates: ['server cyrillic'] },
        { type: '*', templates: ['server any'], public: true, profileName: 'Any' },
        { type: 'alphabet', templates: ['server alphabet'], profileName: 'Alphabets' },
      ],
      [{ type: 'profanity', templates: ['room words'] }],
    );
    expect(replyFor(filter, 'привет')).toEqual({
      text: 'server cyrillic',
      profileName: 'Alphabets',
      public: true,
    });
    expect(replyFor(filter, 'bad')).toEqual({ text: 'room words', profileName: 'Any', public: true });
  });

  it('of the room goes before any of the server, and may be none', () => {
    const special = [{ type: 'cyrillic', templates: ['server'] }];
    expect(replyFor(replying(special, [{ type: '*', templates: ['room'] }]), 'привет')).toMatchObject({
      text: 'room',
    });
    expect(replyFor(replying(special, [{ type: '*', templates: [] }]), 'привет')).toBeUndefined();
  });

  it.each([
    [0, 'a'],
    [0.34, 'b'],
    [0.999999, 'c'],
  ])('is one of several templates by chance: %d', (chance, text) => {
    const filter = replying([{ type: '*', templates: ['a', 'b', 'c'] }], [], () => chance);
    expect(replyFor(filter, 'bad')).toMatchObject({ text });
  });
});
