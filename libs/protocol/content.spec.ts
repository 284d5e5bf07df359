import fc from 'fast-check';
import {
  bytesField,
  contentBytes,
  tag,
  textField,
  varint,
  varintField,
} from '../../test/support/content-writer.js';
import { sessionMessage } from '../../test/support/session-client.js';
import { readContent } from './content.js';
import { removePadding } from './padding.js';

const inDataMessage = (...fields: Buffer[]): Buffer => bytesField(1, Buffer.concat(fields));
const hello = textField(1, 'hello');

describe('the content of a message', () => {
  it('is read as clients write it', () => {
    const { data } = removePadding(sessionMessage('Hello 👋', { displayName: 'Ada' }));
    expect(readContent(data)).toEqual({
      body: 'Hello 👋',
      displayName: 'Ada',
      timestampMs: 1_700_000_000_000,
      attachments: [],
    });
  });

  it('is read whatever the texts are', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(anyText, anyText, fc.nat(), (body, displayName, timestampMs) => {
        const { data } = removePadding(sessionMessage(body, { displayName, timestampMs }));
        expect(readContent(data)).toEqual({ body, displayName, timestampMs, attachments: [] });
      }),
    );
  });

  it('has attachments and a quote', () => {
    const content = {
      body: 'look',
      attachments: [{ fileName: 'cat.png', contentType: 'image/png' }, { contentType: 'audio/aac' }, {}],
      quote: { timestampMs: 1_700_000_000_001, author: `15${'ab'.repeat(32)}`, text: 'what?' },
    };
    expect(readContent(contentBytes(content))).toEqual(content);
  });

  it('has previews of pages and an invitation to a community', () => {
    const content = {
      body: 'come',
      attachments: [],
      previews: [{ url: 'https://example.com/a', title: 'A' }, { url: 'https://example.org' }, {}],
      invitation: { url: `https://example.com/fish?public_key=${'ab'.repeat(32)}`, name: 'Fishing' },
    };
    expect(readContent(contentBytes(content))).toEqual(content);
  });

  it('has at most 16 previews', () => {
    const previews = Array.from({ length: 20 }, (_, number) => ({ url: `https://example.com/${number}` }));
    expect(readContent(contentBytes({ previews }))?.previews).toEqual(previews.slice(0, 16));
  });

  it('has at most 64 attachments', () => {
    const attachments = Array.from({ length: 100 }, (_, number) => ({ fileName: String(number) }));
    expect(readContent(contentBytes({ attachments }))?.attachments).toEqual(attachments.slice(0, 64));
  });

  it('has the time of its signature where newer clients leave the other out', () => {
    expect(readContent(contentBytes({ body: '', sigTimestampMs: 5 }))?.timestampMs).toBe(5);
    expect(readContent(contentBytes({ body: '', timestampMs: 4, sigTimestampMs: 5 }))?.timestampMs).toBe(4);
  });

  it('leaves out what is not there, and keeps what is empty', () => {
    expect(readContent(bytesField(1, Buffer.alloc(0)))).toEqual({ attachments: [] });
    expect(readContent(inDataMessage(textField(1, '')))).toEqual({ body: '', attachments: [] });
    expect(readContent(inDataMessage(bytesField(101, Buffer.alloc(0))))).toEqual({ attachments: [] });
  });

  it.each([
    ['fields of newer clients', [hello, bytesField(106, Buffer.of(1)), varintField(90_000, 3)]],
    ['fixed-width fields', [hello, tag(50, 1), Buffer.alloc(8), tag(51, 5), Buffer.alloc(4)]],
    [
      'groups, and what is in them',
      [hello, tag(9, 3), tag(10, 3), textField(1, 'no'), tag(10, 4), tag(9, 4)],
    ],
    ['a known field of another type', [hello, varintField(1, 7), textField(7, 'x'), varintField(101, 1)]],
    ['a time beyond 2^53', [hello, varintField(7, 2n ** 64n - 1n)]],
    ['an earlier body', [textField(1, 'no'), hello]],
  ])('passes over %s', (_what, fields) => {
    expect(readContent(inDataMessage(...fields))).toEqual({ body: 'hello', attachments: [] });
  });

  it('is put together when its parts come apart', () => {
    const profile = inDataMessage(bytesField(101, textField(1, 'Ada')));
    expect(readContent(Buffer.concat([inDataMessage(hello), profile]))).toEqual({
      body: 'hello',
      displayName: 'Ada',
      attachments: [],
    });
  });

  it('shows where bytes are not UTF-8', () => {
    const body = bytesField(1, Buffer.from([0x61, 0xff, 0x62, 0xc3]));
    expect(readContent(inDataMessage(body))?.body).toBe('a\ufffdb\ufffd');
  });
});

describe('what is no content', () => {
  const envelope = Buffer.concat([varintField(1, 6), varintField(5, 1), bytesField(8, inDataMessage(hello))]);
  const deep = 101;
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['plain text', Buffer.from('hello')],
    ['another kind of content', bytesField(3, hello)],
    ['an envelope around it', envelope],
    ['a field number of 0', Buffer.concat([inDataMessage(hello), Buffer.from([0, 0])])],
    ['wire type 6', Buffer.concat([inDataMessage(hello), tag(2, 6)])],
    ['wire type 7', Buffer.concat([inDataMessage(hello), tag(2, 7)])],
    ['a tag beyond 32 bits', Buffer.concat([inDataMessage(hello), varint(2n ** 33n), Buffer.of(0)])],
    ['a varint of eleven bytes', Buffer.concat([tag(15, 0), Buffer.alloc(10, 0x80), Buffer.of(1)])],
    ['a length beyond the end', Buffer.concat([tag(1, 2), varint(2n ** 62n)])],
    ['an open group', Buffer.concat([inDataMessage(hello), tag(9, 3)])],
    ['the end of a group that was not open', Buffer.concat([inDataMessage(hello), tag(9, 4)])],
    ['the end of another group', Buffer.concat([tag(9, 3), tag(8, 4), inDataMessage(hello)])],
    [
      'groups without end in each other',
      Buffer.concat([...Array<Buffer>(deep).fill(tag(9, 3)), ...Array<Buffer>(deep).fill(tag(9, 4))]),
    ],
    ['a broken data message', inDataMessage(hello, Buffer.of(0x0a, 5))],
    ['a broken profile', inDataMessage(hello, bytesField(101, Buffer.of(0x0a, 5)))],
    ['a broken quote', inDataMessage(hello, bytesField(8, Buffer.of(0)))],
    ['a broken preview', inDataMessage(hello, bytesField(10, Buffer.of(0x0a, 5)))],
    ['a broken invitation', inDataMessage(hello, bytesField(102, Buffer.of(0x0a, 5)))],
    ['a broken attachment', inDataMessage(hello, bytesField(2, Buffer.of(0x3a)))],
  ])('is told: %s', (_what, data) => expect(readContent(data)).toBeUndefined());

  it('is a content that was cut anywhere', () => {
    const data = contentBytes({
      body: 'hello',
      displayName: 'Ada',
      timestampMs: 1,
      quote: { timestampMs: 1, author: 'a' },
    });
    for (let length = 0; length < data.length; length++)
      expect(readContent(data.subarray(0, length))).toBeUndefined();
  });

  it('never makes it throw, whatever the bytes are', () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    const inside = bytes.map((each) => inDataMessage(each));
    fc.assert(
      fc.property(fc.oneof(bytes, inside), (data) => {
        expect(() => readContent(data)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  it('never makes it throw, whichever bytes of a real one are wrong', () => {
    const data = contentBytes({
      body: 'hello',
      displayName: 'Ada',
      timestampMs: 1,
      attachments: [{ fileName: 'a' }],
    });
    const change = fc.tuple(fc.nat({ max: data.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const wrong = Buffer.from(data);
        for (const [at, byte] of changes) wrong[at] = byte;
        expect(() => readContent(wrong)).not.toThrow();
      }),
    );
  });

  it('is read in time that grows with its length alone', () => {
    const many = inDataMessage(Buffer.alloc(256 * 1024, varintField(7, 1)));
    const started = performance.now();
    expect(readContent(many)).toEqual({ timestampMs: 1, attachments: [] });
    expect(performance.now() - started).toBeLessThan(15_000); // 30 on the machine this was written on
  });
});
