import { AutomodRoom } from '../../../test/support/automod-room.js';

const HEX = 'ab'.repeat(32);
const JOIN_LINK = `https://open.example.org/fish?public_key=${HEX}`;

describe('the rule for links', () => {
  const broken = (links: object, content: Parameters<AutomodRoom['broken']>[0]): Promise<string[]> =>
    new AutomodRoom({ links }).broken(content);

  it('denies domains, with what is under them and wherever they stand', async () => {
    const rule = { deny: ['evil.com', 't.me', 'пример.рф', 'zip'] };
    for (const text of [
      'http://evil.com',
      'see a.b.EVIL.com.',
      'evil[.]com',
      't.me',
      'пример.рф/x',
      'xn--e1afmkfd.xn--p1ai',
      'setup.zip',
      'https://good.com/?to=http://evil.com',
    ])
      expect([text, await broken(rule, text)]).toEqual([text, ['links']]);
    for (const text of ['https://good.com', 'notevil.com', 'evil.com.example.org', "don't.me", 'evil com'])
      expect([text, await broken(rule, text)]).toEqual([text, []]);
  });

  it('allows some and no others', async () => {
    const rule = { allow: ['example.com', '10.0.0.1'], deny: ['ads.example.com'] };
    for (const text of [
      'https://example.com/x',
      'www.example.com',
      'http://10.0.0.1/',
      'ok.so what',
      'no link',
    ])
      expect([text, await broken(rule, text)]).toEqual([text, []]);
    for (const text of ['other.com', 'http://10.0.0.2', 'https://ads.example.com', 'example.com other.com'])
      expect([text, await broken(rule, text)]).toEqual([text, ['links']]);
  });

  it('denies all', async () => {
    expect(await broken({ denyAll: true }, 'example.com')).toEqual(['links']);
    expect(await broken({ denyAll: true }, 'https://[::1]/')).toEqual(['links']);
    expect(await broken({ denyAll: true }, 'no link. at all')).toEqual([]);
  });

  it('names the domain, and nothing else of the text', async () => {
    const details = async (rule: object, text: string): Promise<unknown> =>
      (await new AutomodRoom({ links: rule }).post(text))[0]?.detail;
    expect(await details({ deny: ['evil.com'] }, 'https://user@sub.evil.com:80/secret')).toEqual({
      what: 'link',
      domain: 'evil.com',
    });
    expect(await details({ denyAll: true }, 'https://ü.example/secret')).toEqual({
      what: 'link',
      domain: 'xn--tda.example',
    });
  });

  it('denies join links to communities, in the text or as an invitation, but for allowed hosts', async () => {
    expect(await broken({ noCommunityLinks: true }, `come: ${JOIN_LINK}`)).toEqual(['links']);
    expect(await broken({ noCommunityLinks: true }, 'https://open.example.org/fish')).toEqual([]);
    expect(
      await broken({ noCommunityLinks: true }, { invitation: { url: JOIN_LINK, name: 'Fish' } }),
    ).toEqual(['links']);
    expect(await broken({ noCommunityLinks: true, allow: ['example.org'] }, JOIN_LINK)).toEqual([]);
  });

  it('denies Session IDs', async () => {
    expect(await broken({ noSessionIds: true }, `write me 05${HEX}`)).toEqual(['links']);
    expect(await broken({ noSessionIds: true }, `@15${HEX} hello`)).toEqual([]);
  });

  it('looks at display names and previews too', async () => {
    const rule = { deny: ['evil.com'] };
    expect(await broken(rule, { body: 'hi', displayName: 'evil.com' })).toEqual(['links']);
    expect(await broken(rule, { body: 'hi', previews: [{ url: 'https://evil.com' }] })).toEqual(['links']);
    expect(await broken(rule, { body: 'hi', previews: [{ title: 'evil.com' }] })).toEqual(['links']);
  });
});

describe('the rule for mentions', () => {
  it.each([
    [2, `@15${HEX} @05${HEX}`, []],
    [1, `@15${HEX} @15${HEX}`, ['mentions']],
    [0, `@15${HEX}`, ['mentions']],
    [0, '@ada hello', []],
  ])('allows %i: %s', async (max, text, rules) => {
    expect(await new AutomodRoom({ mentions: { max } }).broken(text)).toEqual(rules);
  });
});

describe('the rule for length', () => {
  it('counts characters, not bytes or code units', async () => {
    const room = new AutomodRoom({ length: { charactersMax: 3 } });
    expect(await room.broken('🐟🐟🐟')).toEqual([]);
    expect((await room.post('🐟🐟🐟🐟'))[0]?.detail).toEqual({ characters: 4, limit: 3 });
  });

  it('counts lines, however they end', async () => {
    const room = new AutomodRoom({ length: { linesMax: 3 } });
    expect(await room.broken('a\nb\r\nc')).toEqual([]);
    expect(await room.broken('')).toEqual([]);
    expect((await room.post('a\n\u2028b\r\nc'))[0]?.detail).toEqual({ lines: 4, limit: 3 });
  });
});
