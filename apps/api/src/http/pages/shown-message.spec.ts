import type { WrittenContent } from '../../../../../test/support/content-writer.js';
import { sampleId, sampleMessage, sampleRoom } from '../../../../../test/support/page-samples.js';
import type { MessageObject } from '../../../../../libs/protocol/schemas/message.schema.js';
import { shownMessages } from './shown-message.js';

const ADA = sampleId('a1');
const BO = sampleId('b2');
const show = (...messages: MessageObject[]) =>
  shownMessages(messages, sampleRoom({ admins: [ADA], moderators: [BO] }));
const one = (content: WrittenContent | Buffer, over: Partial<MessageObject> = {}) =>
  show(sampleMessage(content, over))[0]!;

describe('a message on a page', () => {
  it('has author, time and text', () => {
    expect(one({ body: 'Hello', displayName: 'Cy' }, { posted: 5, edited: 6 })).toMatchObject({
      author: 'Cy',
      authorShortId: '15a0a0…a0a0',
      initial: 'C',
      role: undefined,
      postedAt: 5,
      edited: true,
      text: 'Hello',
      attachments: [],
      reactions: [],
    });
  });

  it('has the short id of an author without a name', () => {
    expect(one({ body: 'Hello', displayName: ' ' })).toMatchObject({
      author: '15a0a0…a0a0',
      initial: '#',
      authorShortId: undefined,
    });
  });

  it('says who moderates', () => {
    const roles = [ADA, BO, sampleId('c3')].map((id) => one({ body: 'x' }, { session_id: id }).role);
    expect(roles).toEqual(['Admin', 'Moderator', undefined]);
  });

  it('names attachments, ten at most', () => {
    const attachments = [
      { fileName: 'cat.png', contentType: 'image/png' },
      { contentType: 'Video/mp4' },
      { contentType: 'audio/aac' },
      { fileName: 'a.pdf', contentType: 'application/pdf' },
      { fileName: 'b', contentType: 'constructor/x' },
      {},
    ];
    expect(one({ attachments }).attachments).toEqual([
      { kind: 'Image', name: 'cat.png' },
      { kind: 'Video', name: undefined },
      { kind: 'Audio', name: undefined },
      { kind: 'File', name: 'a.pdf' },
      { kind: 'File', name: 'b' },
      { kind: 'File', name: undefined },
    ]);
    const many = one({ attachments: Array.from({ length: 13 }, () => ({})) });
    expect([many.attachments.length, many.attachmentsMore]).toEqual([10, 3]);
  });

  it('has its reactions in order, twelve at most', () => {
    const reactions = { '2': { index: 1, count: 5 }, '👍': { index: 0, count: 3 } };
    expect(one({ body: 'x' }, { reactions }).reactions).toEqual([
      { emoji: '👍', count: 3 },
      { emoji: '2', count: 5 },
    ]);
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`e${index}`, { index, count: 1 }]),
    );
    const shown = one({ body: 'x' }, { reactions: many });
    expect([shown.reactions.length, shown.reactionsMore]).toEqual([12, 8]);
  });

  it.each([
    ['x'.repeat(2001), `${'x'.repeat(2000)}…`],
    ['a\n\n\n\n  \n\t\nb\r\nc  ', 'a\n\nb\nc'],
    [' \n ', undefined],
    ['', undefined],
    [`hello @${ADA}, @${sampleId('d4')} and @someone`, 'hello @15a1a1…a1a1, @15d4d4…d4d4 and @someone'],
  ])('with the text %j shows %j', (body, text) => expect(one({ body }).text).toBe(text));

  it('shows names for mentions of those who wrote on the same page', () => {
    const messages = [
      sampleMessage({ body: `@${ADA}!` }),
      sampleMessage({ body: 'hi', displayName: 'Ada' }, { session_id: ADA }),
      sampleMessage({ body: 'hi', displayName: 'Ada of old' }, { session_id: ADA }),
    ];
    expect(show(...messages)[0]!.text).toBe('@Ada!');
  });

  it.each([
    ['no protobuf', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
    ['more than clients send', sampleMessage({ body: 'x'.repeat(100_000) }).data!],
  ])('of %s has no text', (_what, data) => {
    const message = typeof data === 'string' ? sampleMessage({}, { data }) : sampleMessage(data);
    expect(show(message)[0]).toMatchObject({ author: '15a0a0…a0a0', text: undefined, attachments: [] });
  });
});

describe('a quote', () => {
  const quoted = sampleMessage(
    { body: 'How\n\n\nmany?', displayName: 'Ada', timestampMs: 77 },
    { session_id: ADA },
  );
  const quoting = (quote: WrittenContent['quote']) => sampleMessage({ body: 'Two', ...(quote && { quote }) });

  it('has the text of the message that it names by its time', () => {
    const [shown] = show(quoting({ timestampMs: 77, author: ADA }), quoted);
    expect(shown!.quote).toEqual({ author: 'Ada', text: 'How\n\nmany?' });
  });

  it('has the text that older clients send', () => {
    const [shown] = show(quoting({ timestampMs: 76, author: BO, text: 'Where?' }), quoted);
    expect(shown!.quote).toEqual({ author: '15b2b2…b2b2', text: 'Where?' });
  });

  it('has no text when that message is not on the page', () => {
    expect(show(quoting({ timestampMs: 76, author: BO }))[0]!.quote).toEqual({
      author: '15b2b2…b2b2',
      text: undefined,
    });
  });

  it('is of somebody when its author is none that could have written here', () => {
    expect(show(quoting({ timestampMs: 76, author: 'Ada', text: 'x' }))[0]!.quote?.author).toBe('somebody');
  });

  it('does not bring a whisper or a deleted message to light', () => {
    const hidden = [
      { ...quoted, whisper: true as const },
      { ...quoted, data: null, deleted: true as const },
    ];
    for (const message of hidden) {
      const shown = show(quoting({ timestampMs: 77, author: ADA }), message);
      expect(shown).toHaveLength(1);
      expect(shown[0]!.quote).toEqual({ author: '15a1a1…a1a1', text: undefined });
    }
  });
});
