import { linkText } from './link-text.js';
import { countMentions, hasCommunityLink, hasSessionId } from './session-links.js';

const HEX = 'aB'.repeat(32);
const NONE = (): boolean => false;

describe('mentions', () => {
  it.each([
    [`hi @15${HEX}`, 1],
    [`@15${HEX}@05${HEX} @25${HEX.toUpperCase()}`, 3],
    [`@15${HEX}, @15${HEX}`, 2],
    [`15${HEX}`, 0],
    [`@15${HEX.slice(1)}`, 0],
    [`@15${HEX}0`, 0],
    [`@16${HEX}`, 0],
    ['@ada', 0],
  ])('in %s: %i', (text, count) => expect(countMentions(linkText(text))).toBe(count));
});

describe('a Session ID', () => {
  it.each([`write me: 05${HEX}`, `05${HEX.toUpperCase()}.`, `@05${HEX}`, `05${HEX.slice(2)}\u200bab`])(
    'is in %s',
    (text) => expect(hasSessionId(linkText(text))).toBe(true),
  );

  it.each([`15${HEX}`, `@15${HEX}`, `05${HEX.slice(2)}`, `05${HEX}ab`, `ab05${HEX}`, ''])(
    'is not in %s',
    (text) => expect(hasSessionId(linkText(text))).toBe(false),
  );
});

describe('a link to a community', () => {
  const HOST = 'https://open.example.org';
  it.each([
    `${HOST}/fish?public_key=${HEX}`,
    `join ${HOST}/r/fish?public_key=${HEX} now`,
    `open.example.org/fish?x=1&public_key=${HEX}`,
    `http://10.0.0.1:8080/fish?public_key=${HEX}`,
    `hxxps://open[.]example[.]org/fish?PUBLIC_KEY=${HEX}`,
    `/fish?public_key=${HEX}`,
    `${HOST}/fish?public_key=${'y'.repeat(52)}`,
  ])('is in %s', (text) => expect(hasCommunityLink(linkText(text), NONE)).toBe(true));

  it.each([HOST, `${HOST}/fish`, `${HOST}/fish?public_key=abc`, `public key ${HEX}`])(
    'is not in %s',
    (text) => expect(hasCommunityLink(linkText(text), NONE)).toBe(false),
  );

  it('may lead to a host that is allowed, and only there', () => {
    const isAllowed = (host: string): boolean => host === 'open.example.org';
    const has = (text: string): boolean => hasCommunityLink(linkText(text), isAllowed);
    expect(has(`${HOST}/fish?public_key=${HEX}`)).toBe(false);
    expect(has(`${HOST}/a?public_key=${HEX} https://evil.com/b?public_key=${HEX}`)).toBe(true);
    expect(has(`${HOST}/a,evil.com/b?public_key=${HEX}`)).toBe(false);
    expect(has(`${HOST}"https://evil.com/b?public_key=${HEX}`)).toBe(true);
    expect(has(`/fish?public_key=${HEX}`)).toBe(true);
  });

  it('is looked for in little time, whatever the text', () => {
    const text = `a.com/?public_key=${HEX}`.repeat(3000);
    const start = performance.now();
    expect(hasCommunityLink(linkText(text), () => true)).toBe(false);
    expect(performance.now() - start).toBeLessThan(15_000); // 60 on the machine this was written on
  });
});
