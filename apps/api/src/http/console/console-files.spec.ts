import { gunzipSync, brotliDecompressSync } from 'node:zlib';
import { bestEncoding, ConsoleFile } from './console-files.js';

it.each([
  ['gzip, deflate, br', 'br'],
  ['GZIP;q=0.8', 'gzip'],
  ['identity', undefined],
  ['', undefined],
])('of %j the best is %s', (accepted, best) => expect(bestEncoding(accepted)).toBe(best));

it('a file is the same in every form', async () => {
  const bytes = Buffer.from('plaza '.repeat(1_000));
  const file = new ConsoleFile('text/css', bytes);
  expect(await file.body()).toEqual({ bytes });
  const [br, gz] = [await file.body('br'), await file.body('gzip')];
  expect(brotliDecompressSync(br.bytes).equals(bytes)).toBe(true);
  expect(gunzipSync(gz.bytes).equals(bytes)).toBe(true);
});

it('a small file is sent as it is', async () => {
  const file = new ConsoleFile('text/css', Buffer.from('a'));
  expect((await file.body('br')).encoding).toBeUndefined();
});
