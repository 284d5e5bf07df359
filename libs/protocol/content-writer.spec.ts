import fc from 'fast-check';
import { contentBytes } from '../../test/support/content-writer.js';
import { writeContent } from './content-writer.js';
import { readContent } from './content.js';

const content = fc.record({
  body: fc.string({ unit: 'grapheme', maxLength: 300 }),
  displayName: fc.string({ unit: 'grapheme', maxLength: 30 }),
  timestampMs: fc.maxSafeNat(),
});

it('what is written is read again', () => {
  fc.assert(
    fc.property(content, (written) => {
      expect(readContent(writeContent(written))).toEqual({ ...written, attachments: [] });
    }),
  );
});

it('another writer writes the same bytes', () => {
  fc.assert(fc.property(content, (written) => expect(writeContent(written)).toEqual(contentBytes(written))));
});

it.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is no time', (timestampMs) =>
  expect(() => writeContent({ body: '', displayName: '', timestampMs })).toThrow(RangeError),
);
