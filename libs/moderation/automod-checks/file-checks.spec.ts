import { AutomodRoom } from '../../../test/support/automod-room.js';
import type { AttachedFile } from '../automod.js';

const SHA256 = Buffer.alloc(32, 1);
/** One whose content was looked at. */
const file = (mediaType: string | null, filename: string | null): Partial<AttachedFile> => ({
  mediaType,
  filename,
  sha256: SHA256,
});

async function passes(files: object, attached: Partial<AttachedFile>): Promise<boolean> {
  return (await new AutomodRoom({ files }).broken('look', { files: [attached] })).length === 0;
}

describe('files that are denied', () => {
  const DENIED = { denyTypes: ['executable', 'application/zip', 'video/*', '.doc'] };

  it.each([
    ['by content', file('application/x-msdownload', null)],
    ['by name', file(null, 'setup.exe')],
    ['by content, named like an image', file('application/x-elf', 'photo.png')],
    ['by name, with the content of an image', file('image/png', 'photo.png.scr')],
    ['by extension', file(null, 'letter.DOC')],
    ['by family', file('video/webm', 'a.bin')],
    ['under another name', file('application/x-zip-compressed', null)],
    ['though nobody looked at the content', { filename: 'a.zip' }],
  ])('%s', async (_, attached) => expect(await passes(DENIED, attached)).toBe(false));

  it.each([
    ['an image', file('image/png', 'photo.png')],
    ['a text', file(null, 'notes.txt')],
    ['a document in an archive of another type', file('application/epub+zip', 'book.epub')],
    ['what nobody knows', file(null, null)],
  ])('are not: %s', async (_, attached) => expect(await passes(DENIED, attached)).toBe(true));

  it('are known by what the message calls them, too', async () => {
    const room = new AutomodRoom({ files: DENIED });
    expect(await room.broken({ attachments: [{ fileName: 'setup.exe' }] })).toEqual(['files']);
    expect(await room.broken({ attachments: [{ contentType: 'video/mp4' }] })).toEqual(['files']);
    expect(await room.broken({ attachments: [{ fileName: 'a.png', contentType: 'image/png' }, {}] })).toEqual(
      [],
    );
  });
});

describe('files that are allowed', () => {
  const ALLOWED = { allowTypes: ['image/*', '.txt', '.docx'] };

  it.each([
    ['by content and name', file('image/png', 'photo.png')],
    ['by content, without a name', file('image/webp', null)],
    ['by content, with another allowed name', file('image/png', 'photo.jpg')],
    ['by extension, without a mark', file(null, 'notes.txt')],
    ['by extension, and content as it promises', file('application/zip', 'letter.docx')],
    ['by name, when nobody looked at the content', { filename: 'photo.png' }],
  ])('%s', async (_, attached) => expect(await passes(ALLOWED, attached)).toBe(true));

  it.each([
    ['a program that is named like an image', file('application/x-msdownload', 'photo.png')],
    ['anything that is named like an image and has no mark of one', file(null, 'photo.png')],
    ['an image that is named like a program', file('image/png', 'photo.exe')],
    ['a program that is named like a text', file('application/x-elf', 'notes.txt')],
    ['a script that is named like a document', file('application/x-sh', 'letter.docx')],
    ['another type', file('application/pdf', 'a.pdf')],
    ['what nobody knows', file(null, null)],
    ['an unknown extension', file(null, 'a.xyz')],
  ])('are not: %s', async (_, attached) => expect(await passes(ALLOWED, attached)).toBe(false));

  it('are not when the message calls them something else', async () => {
    const room = new AutomodRoom({ files: ALLOWED });
    const attached = { files: [file('image/png', null)] };
    expect(await room.broken({ attachments: [{ fileName: 'photo.png' }] }, attached)).toEqual([]);
    expect(await room.broken({ attachments: [{ contentType: 'image/png' }] }, attached)).toEqual([]);
    expect(await room.broken({ attachments: [{ fileName: 'photo.exe' }] }, attached)).toEqual(['files']);
  });
});

describe('files of a message', () => {
  it('are counted, attached or shown', async () => {
    const room = new AutomodRoom({ files: { perMessageMax: 1 } });
    expect(await room.broken('', { files: [{}] })).toEqual([]);
    expect((await room.post('', { files: [{}, {}] }))[0]?.detail).toEqual({ files: 2, limit: 1 });
    expect(await room.broken({ attachments: [{}, {}] })).toEqual(['files']);
  });

  it('are told by type, never by name', async () => {
    const [finding] = await new AutomodRoom({ files: { allowTypes: ['image/*'] } }).post('', {
      files: [file('application/x-elf', 'secret-name.txt')],
    });
    expect(finding?.detail).toEqual({ type: 'application/x-elf', typeByName: 'text/plain' });
  });
});

describe('images on a list', () => {
  const images = {
    hashes: [
      { hash: SHA256.toString('hex'), kind: 'sha256' },
      { hash: 'ff00ff00ff00ff00', kind: 'perceptual', note: 'poster' },
    ],
  };
  const imageHash = (hex: string): Partial<AttachedFile> => ({ imageHash: Buffer.from(hex, 'hex') });

  it('are found by their bytes and by their looks', async () => {
    const room = new AutomodRoom({ images });
    expect((await room.post('', { files: [{}, { sha256: SHA256 }] }))[0]).toMatchObject({
      action: 'hide',
      detail: { what: 'sha256', distance: 0 },
    });
    expect((await room.post('', { files: [imageHash('ff00ff00ff00ffff')] }))[0]?.detail).toEqual({
      what: 'perceptual',
      distance: 8,
      note: 'poster',
    });
    expect(await room.broken('', { files: [imageHash('ff00ff00ff01ffff'), {}] })).toEqual([]);
  });

  it('are as like as the rule says', async () => {
    const strict = new AutomodRoom({ images: { ...images, distanceMax: 0 } });
    expect(await strict.broken('', { files: [imageHash('ff00ff00ff00ff01')] })).toEqual([]);
    expect(await strict.broken('', { files: [imageHash('ff00ff00ff00ff00')] })).toEqual(['images']);
  });
});
