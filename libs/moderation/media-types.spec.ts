import { extensionOf, isTypeEntry, mediaTypeByName, mediaTypeOf, MediaTypeSet } from './media-types.js';

it.each([
  ['Image/JPG; charset=x', 'image/jpeg'],
  ['audio/ogg; codecs=opus', 'audio/ogg'],
  ['application/x-zip-compressed', 'application/zip'],
  ['text/plain', 'text/plain'],
])('%s is %s', (written, type) => expect(mediaTypeOf(written)).toBe(type));

it.each([
  ['photo.JPG', 'jpg'],
  ['a.tar.gz', 'gz'],
  ['setup.exe ', 'exe'],
  ['setup.exe...', 'exe'],
  ['setup.e\u200bxe', 'exe'],
  ['photo\u202egpj.exe', 'exe'],
  ['ｓｅｔｕｐ．ｅｘｅ', 'exe'],
  [`${'x'.repeat(1000)}.png`, 'png'],
  ['README', undefined],
  ['', undefined],
  ['.', undefined],
  ['a.b c', undefined],
])('the extension of %j is %s', (name, extension) => expect(extensionOf(name)).toBe(extension));

it('a name promises a type', () => {
  expect(['a.png', 'a.scr', 'a.xyz', 'a'].map(mediaTypeByName)).toEqual([
    'image/png',
    'application/x-msdownload',
    undefined,
    undefined,
  ]);
});

it.each(['image/png', 'image/*', 'IMAGE/PNG', '.exe', 'executable', 'application/vnd.ms-excel'])(
  '%s may be listed',
  (entry) => expect(isTypeEntry(entry)).toBe(true),
);
it.each(['', 'image', '*/*', '*', 'image/', 'exe', '.', '.tar.gz', 'image/p ng', 'a/b/c'])(
  '%j may not be listed',
  (entry) => expect(isTypeEntry(entry)).toBe(false),
);

it('a list has types, families, extensions and whatever a system runs', () => {
  const types = new MediaTypeSet(['image/*', 'application/x-zip-compressed', '.EXE', 'executable']);
  for (const type of [
    'image/png',
    'application/zip',
    'application/x-elf',
    'application/x-msdownload',
    'text/html',
  ])
    expect([type, types.hasType(type)]).toEqual([type, true]);
  for (const type of ['imagery/png', 'text/plain', 'application/pdf', 'video/mp4'])
    expect([type, types.hasType(type)]).toEqual([type, false]);
  expect([types.hasExtension('exe'), types.hasExtension('txt')]).toEqual([true, false]);
  expect(new MediaTypeSet().hasType('image/png')).toBe(false);
});
