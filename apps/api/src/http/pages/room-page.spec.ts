import { PAYLOADS, sampleMessage, sampleRoom } from '../../../../../test/support/page-samples.js';
import type { RoomObject } from '../../../../../libs/protocol/schemas/room.schema.js';
import { indexPage } from './index-page.js';
import { refusalPage, refusalStatus } from './refusal-page.js';
import { roomPage } from './room-page.js';
import { shownMessages } from './shown-message.js';

const assets = { style: '/pages/plaza.css', script: '/pages/plaza.js', icon: '/pages/plaza.svg' };
const frame = { host: 'chat.example', assets, hasIndex: true };
const joinLink = `https://chat.example/fish?public_key=${'ab'.repeat(32)}`;

const page = (room: RoomObject, messages?: Parameters<typeof shownMessages>[0]): string =>
  roomPage(frame, {
    room,
    origin: 'https://chat.example',
    joinLink,
    messages: messages && shownMessages(messages, room),
  }).html;

/** Every tag with its attributes, so that a text that became a tag or an attribute is seen. */
const skeleton = (html: string): string[] =>
  html.match(/<[^>]*>/g)!.map((tag) => tag.replace(/="[^"]*"/g, '=""'));

describe('pages', () => {
  const written = (text: string) =>
    page(sampleRoom({ name: text, description: text }), [
      sampleMessage(
        {
          body: text,
          displayName: text,
          attachments: [{ fileName: text, contentType: `image/${text}` }],
          quote: { timestampMs: 1, author: text, text },
        },
        { reactions: { [text]: { index: 0, count: 1 } } },
      ),
    ]);

  it.each(PAYLOADS)('of a room are built the same whatever people write: %s', (payload) => {
    expect(skeleton(written(payload))).toEqual(skeleton(written('harmless')));
  });

  it.each(PAYLOADS)('of all rooms are built the same whatever their names are: %s', (payload) => {
    const list = (text: string) =>
      indexPage(frame, { rooms: [sampleRoom({ name: text, description: text })], more: 0 }).html;
    expect(skeleton(list(payload))).toEqual(skeleton(list('harmless')));
  });

  it('hold nothing that runs or is styled inline, and nothing from elsewhere', () => {
    const html = page(sampleRoom({ image_id: 7 }), [sampleMessage({ body: 'x' })]);
    expect(html).not.toMatch(/\son\w+=|\sstyle=|<style|<script(?! src="\/pages\/)|javascript:/i);
    const loaded = [...html.matchAll(/\b(?:src|srcset|data)="([^"]*)"/g)].map(([, address]) => address!);
    expect(loaded.filter((address) => /^(?:\w+:|\/\/)/.test(address))).toEqual([]);
  });
});

describe('the page of a room', () => {
  it('has its join link to select, its QR code, and its description as written', () => {
    const html = page(sampleRoom({ description: 'one\ntwo' }));
    expect(html).toContain(`<code id="join-link" data-copy>${joinLink}</code>`);
    expect(html).toContain('src="invite.png"');
    expect(html).toContain('one\ntwo');
    expect(html).toContain('3 active within 7 days');
  });

  it('keeps quiet about messages when they are not to be shown', () => {
    expect(page(sampleRoom())).not.toContain('ecent messages');
    expect(page(sampleRoom(), [])).toContain('Nobody has written here yet');
  });

  it('says that guests cannot write, and that a message cannot be shown', () => {
    const html = page(sampleRoom({ write: false }), [sampleMessage(Buffer.from('?'))]);
    expect(html).toContain('Read only');
    expect(html).toContain('Something that only the Session app can show');
  });

  it('shows the image when there is one', () => {
    expect(page(sampleRoom({ image_id: 7 }))).toContain('src="/room/fish/file/7"');
    expect(page(sampleRoom())).not.toContain('/file/');
  });
});

describe('the page of all rooms', () => {
  it('links to each', () => {
    const { html } = indexPage(frame, { rooms: [sampleRoom(), sampleRoom({ token: 'Tea' })], more: 3 });
    expect(html).toContain('href="/r/fish/"');
    expect(html).toContain('href="/r/Tea/"');
    expect(html).toContain('3 more rooms');
  });

  it('tells how to make the first one', () => {
    expect(indexPage(frame, { rooms: [], more: 0 }).html).toContain('npx plaza room create');
  });
});

describe('a refusal', () => {
  it('says its status and leads to the rooms, if they are shown', () => {
    expect(refusalStatus('hiddenRoom')).toBe(403);
    expect(refusalPage(frame, 'hiddenRoom').html).toContain('href="/"');
    expect(refusalPage({ ...frame, hasIndex: false }, 'noSuchRoom').html).not.toContain('href="/"');
  });
});
