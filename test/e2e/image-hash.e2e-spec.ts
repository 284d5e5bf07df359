import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jpegOf, pngOf, samplePicture, webpOf } from '../support/image-samples.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';

jest.setTimeout(180_000);

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => removeFolder(folder));

const MODULE = join(__dirname, '..', '..', 'dist', 'libs', 'moderation', 'file-facts', 'file-inspector.js');

/** Hashes the files named in its arguments, and ends by itself. */
const PROGRAM = `
  const { FileInspector } = require(${JSON.stringify(MODULE)});
  const { readFileSync } = require('node:fs');
  (async () => {
    const inspector = new FileInspector();
    for (const path of process.argv.slice(1)) {
      const { mediaType, imageHash } = await inspector.factsOfFile(readFileSync(path), { imageHash: true });
      console.log(mediaType, imageHash && imageHash.toString('hex'));
    }
  })();`;

it('the built server finds its thread for images, and a program that has no more of them ends', async () => {
  const picture = samplePicture(1);
  const images = {
    'a.png': await pngOf(picture),
    'b.jpg': await jpegOf(picture),
    'c.webp': await webpOf(picture),
  };
  const paths = Object.entries(images).map(([name, bytes]) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', PROGRAM, ...paths], {
    timeout: 120_000,
  });
  expect(stderr).toBe('');
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['image/png', 'image/jpeg', 'image/webp']);
  for (const line of lines) expect(line).toMatch(/ [0-9a-f]{16}$/);
});
