import { CONTENT_TYPE_BYTES, type WireResponse } from '../../../../libs/protocol/wire.js';
import { HeldBytes, SMALL_BYTES_MAX } from '../held-bytes.js';
import { GatheredAnswers } from './gathered-answers.js';

const answerOf = (bytes: number) => (): Promise<WireResponse> =>
  Promise.resolve({
    status: 200,
    headers: { 'content-type': CONTENT_TYPE_BYTES },
    body: Buffer.alloc(bytes),
  });

async function add(gathered: GatheredAnswers, bytes: number, times = 1): Promise<number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time++) statuses.push((await gathered.add(answerOf(bytes))).status);
  return statuses;
}

describe('answers of a batch', () => {
  it('are not counted while they are small together', async () => {
    const held = new HeldBytes(0);
    const gathered = new GatheredAnswers(held, Infinity);
    expect(await add(gathered, SMALL_BYTES_MAX / 8, 8)).toEqual(Array(8).fill(200));
    expect(held.bytes).toBe(0);
  });

  it('are all counted once they are large together, however small each of them is', async () => {
    const held = new HeldBytes(Infinity);
    const gathered = new GatheredAnswers(held, Infinity);
    await add(gathered, SMALL_BYTES_MAX, 500);
    expect(held.bytes).toBe(500 * SMALL_BYTES_MAX);
    gathered.release();
    expect(held.bytes).toBe(0);
  });

  it('are 503 where there is no room for them', async () => {
    const held = new HeldBytes(3 * SMALL_BYTES_MAX);
    const gathered = new GatheredAnswers(held, Infinity);
    expect(await add(gathered, SMALL_BYTES_MAX, 5)).toEqual([200, 200, 200, 503, 503]);
    expect(held.bytes).toBeLessThanOrEqual(3 * SMALL_BYTES_MAX);
    gathered.release();
    expect(held.bytes).toBe(0);
  });

  it('are 413 once they are larger together than they may be', async () => {
    const gathered = new GatheredAnswers(new HeldBytes(Infinity), 1000);
    expect(await add(gathered, 600, 3)).toEqual([200, 200, 413]);
  });
});
