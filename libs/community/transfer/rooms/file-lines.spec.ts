import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImportError } from '../import-error.js';
import { fileLines, LINE_BYTES_MAX } from './file-lines.js';

let root: string;
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'plaza-lines-'))));
afterAll(() => rmSync(root, { recursive: true }));

async function linesOf(content: string | Buffer): Promise<string[]> {
  writeFileSync(join(root, 'lines'), content);
  const lines: string[] = [];
  for await (const line of fileLines({ root, path: 'lines' })) lines.push(line);
  return lines;
}

describe('the lines of a file', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['"\u2028\u2029\u0085"\r\n2\r3', ['"\u2028\u2029\u0085"\r', '2\r3']],
  ])('of %j end with a newline alone', async (content, lines) => {
    expect(await linesOf(content)).toEqual(lines);
  });

  it('are whole wherever the pieces end that are read', async () => {
    const lines = Array.from({ length: 300 }, (_, length) => 'é'.repeat(length * 7));
    expect(await linesOf(lines.map((line) => `${line}\n`).join(''))).toEqual(lines);
  });

  it('are not taken into memory without a bound', async () => {
    expect(await linesOf(Buffer.alloc(LINE_BYTES_MAX, 'a'))).toHaveLength(1);
    await expect(linesOf(Buffer.alloc(LINE_BYTES_MAX + 1, 'a'))).rejects.toThrow(
      /Line 1 of lines is longer than any/,
    );
  });

  it('of no file are refused', async () => {
    const reading = fileLines({ root, path: 'nothing' }).next();
    await expect(reading).rejects.toThrow(ImportError);
  });
});
