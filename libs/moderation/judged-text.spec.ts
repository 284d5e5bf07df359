import { contentBytes } from '../../test/support/content-writer.js';
import { Filters } from './filters.js';
import { fingerprintOf } from './fingerprint.js';
import { judgedText, judgedTexts, TEXT_JUDGED_MAX } from './judged-text.js';

const room = { name: 'Room', token: 'room' };
const filter = new Filters({ profanity: { enabled: true } }).server;
const isTaken = (body: string): boolean =>
  filter.check({ data: contentBytes({ body }), isModerator: false, sessionId: '15', room }).pass;

describe('what is judged of a text', () => {
  it.each(['', 'a\u200bb   c', '🔥'.repeat(8000), ' '.repeat(TEXT_JUDGED_MAX)])(
    'is all of it, as long as clients write it',
    (text) => {
      expect(judgedText(text)).toBe(text);
    },
  );

  it('is the beginning of a longer one', () => {
    expect(judgedText(`${'ab'.repeat(TEXT_JUDGED_MAX)}c`)).toBe('ab'.repeat(TEXT_JUDGED_MAX / 2));
    expect(judgedText('x🔥y', 2)).toBe('x🔥');
  });

  it.each(['\u200b', '\u00ad', '\u{e0041}', ' ', '\n', '\t\u200b'])(
    'is found behind any number of characters that nobody sees: %j',
    (nothing) => {
      const hidden = `${nothing.repeat(50_000)}fuck`;
      expect(judgedText(hidden).endsWith('fuck')).toBe(true);
      expect(isTaken(hidden)).toBe(false);
    },
  );

  it('is bounded for several texts together', () => {
    expect(judgedTexts(['abc', 'def', 'ghi'], 5)).toEqual(['abc', 'de']);
    expect(judgedTexts(['abcdef', 'ghi'], 5)).toEqual(['abcde']);
  });

  it('tells long copies as copies', () => {
    const wall = 'lorem ipsum '.repeat(5000);
    expect(fingerprintOf(`${wall} one`)).toBe(fingerprintOf(`${wall} another`));
  });
});
