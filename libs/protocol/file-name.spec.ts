import { attachmentDisposition, givenFileName } from './file-name.js';

describe('the name in the Content-Disposition of an upload', () => {
  it.each<[string, string | undefined]>([
    [`attachment; filename="a b.txt"`, 'a b.txt'],
    [`attachment; filename*=UTF-8''%F0%9F%8E%82.txt`, '🎂.txt'],
    [`attachment; filename="ü.png"`, 'ü.png'],
    [`attachment; filename="日本 ü.png"`, '日本 ü.png'],
    [`attachment; filename="日本.png"; filename*=UTF-8''%C3%BC.png`, 'ü.png'],
    [`attachment; filename="日本.png"; filename*=UTF-8''%F0%9F%8E%82.png`, '🎂.png'],
    ['attachment', undefined],
    ['attachment; filename', undefined],
    ['日本', undefined],
    ['', undefined],
  ])('of %j is %j', (disposition, name) => {
    expect(givenFileName(disposition)).toBe(name);
  });

  it('is what it was given', () => {
    for (const name of ['plain.txt', 'ä.txt', '日本', '🎂 "quoted" \\ %41'])
      expect(givenFileName(attachmentDisposition(name))).toBe(name);
  });
});
