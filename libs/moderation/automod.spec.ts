import fc from 'fast-check';
import { AutomodRoom } from '../../test/support/automod-room.js';
import { bytesField, textField } from '../../test/support/content-writer.js';
import { COMPILED_ROOMS_MAX } from './filter-limits.js';
import { parseServerAutomod } from './automod-rules.js';
import { Automod, AutomodRegistry } from './automod.js';

const MEMBER = `@15${'ab'.repeat(32)}`;
const TEXT_RULES = {
  links: { denyAll: true },
  mentions: { max: 0 },
  length: { charactersMax: 200, linesMax: 2 },
};

describe('without rules', () => {
  it('nothing is found, nothing asked, nothing needed', async () => {
    const room = new AutomodRoom({});
    expect(await room.post(`https://example.com ${MEMBER}`)).toEqual([]);
    expect(await room.join(1, { ageSeconds: 0 })).toBeUndefined();
    expect(room.asked).toEqual([]);
    expect(Object.values(room.automod.needs)).toEqual(Object.values(room.automod.needs).map(() => false));
  });
});

describe('a finding', () => {
  it('says what is done, and what was found in numbers', async () => {
    expect(await new AutomodRoom({ mentions: { max: 1 } }).post(MEMBER.repeat(3))).toEqual([
      { rule: 'mentions', action: 'reject', notify: false, dryRun: false, detail: { mentions: 3, limit: 1 } },
    ]);
    const punishing = { action: 'hide', muteSeconds: 60, banSeconds: 0, notify: true, dryRun: true };
    expect(await new AutomodRoom({ mentions: { max: 1, ...punishing } }).post(MEMBER.repeat(2))).toEqual([
      { rule: 'mentions', ...punishing, detail: { mentions: 2, limit: 1 } },
    ]);
  });

  it('comes with all others, strongest first', async () => {
    const room = new AutomodRoom({
      ...TEXT_RULES,
      mentions: { max: 0, action: 'hide' },
      length: { linesMax: 2, dryRun: true, action: 'delete' },
    });
    expect(await room.broken(`example.com\n\n${MEMBER}`)).toEqual(['mentions', 'links', 'length']);
  });
});

describe('a content that cannot be read', () => {
  const unreadable = Buffer.concat([bytesField(3, textField(1, `example.com ${MEMBER}`))]);

  it('passes rules about texts, not those about files', async () => {
    const room = new AutomodRoom({
      ...TEXT_RULES,
      files: { denyTypes: ['executable'] },
      duplicates: { copies: 1, seconds: 60 },
    });
    expect(await room.broken('', { data: unreadable })).toEqual([]);
    expect(await room.broken('', { data: unreadable })).toEqual([]);
    expect(await room.broken('', { data: unreadable, files: [{ filename: 'a.exe' }] })).toEqual(['files']);
  });

  it('is judged whatever the bytes are', async () => {
    const room = new AutomodRoom({ ...TEXT_RULES, duplicates: { copies: 1000, seconds: 1 } });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await room.broken('', { data: Buffer.from(bytes) })).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('what a room needs', () => {
  const needsOf = (rules: object): string[] =>
    Object.entries(new Automod(parseServerAutomod(rules)).needs).flatMap(([name, isNeeded]) =>
      isNeeded ? name : [],
    );
  const HASH = (kind: string, digits: number) => ({ hashes: [{ hash: 'a'.repeat(digits), kind }] });

  it.each<[object, string[]]>([
    [{ mentions: { max: 3 } }, ['posts']],
    [{ files: { perMessageMax: 1 } }, ['posts', 'files']],
    [{ files: { denyTypes: ['.exe'] } }, ['posts', 'files', 'mediaTypes', 'sha256']],
    [{ duplicates: { copies: 1, seconds: 1 } }, ['posts', 'files', 'sha256']],
    [{ images: HASH('sha256', 64) }, ['posts', 'files', 'sha256']],
    [{ images: HASH('perceptual', 16) }, ['posts', 'files', 'sha256', 'imageHashes']],
    [{ newMembers: { minutes: 1, noFiles: true } }, ['posts', 'files']],
    [{ newMembers: { minutes: 1, noLinks: true } }, ['posts']],
    [{ raid: { joins: { count: 1, seconds: 1 }, newcomerMinutes: 1, lockSeconds: 1 } }, ['posts', 'joins']],
  ])('with %j: %j', (rules, needs) => expect(needsOf(rules)).toEqual(needs));
});

describe('rooms', () => {
  const registry = (): AutomodRegistry =>
    new AutomodRegistry(parseServerAutomod({ mentions: { max: 1 }, slowMode: { seconds: 5 } }));

  it('go by their own rules, over those of the server', () => {
    const automods = registry();
    const own = automods.forRoom(1, 'a', { slowMode: null, length: { linesMax: 2 } });
    expect(Object.keys(own.rules)).toEqual(['mentions', 'length']);
    expect(Object.keys(automods.server.rules)).toEqual(['slowMode', 'mentions']);
  });

  it('are compiled once for each revision of their rules', () => {
    const automods = registry();
    expect(automods.known(1, 'a')).toBeUndefined();
    const own = automods.forRoom(1, 'a', {});
    expect(automods.forRoom(1, 'a', {})).toBe(own);
    expect(automods.known(1, 'a')).toBe(own);
    expect(automods.known(1, 'b')).toBeUndefined();
    expect(automods.forRoom(1, 'b', {})).not.toBe(own);
  });

  it('are forgotten when many others were used since', () => {
    const automods = registry();
    for (let id = 0; id <= COMPILED_ROOMS_MAX; id++) automods.forRoom(id, 'a', {});
    expect([automods.known(0, 'a'), automods.known(1, 'a') === undefined]).toEqual([undefined, false]);
  });
});
