import { HeldBytes, SMALL_BYTES_MAX } from './held-bytes.js';

const LARGE = SMALL_BYTES_MAX + 1;
const BUSY = expect.objectContaining({ status: 503 }) as Error;

describe('an answer that is about to be counted', () => {
  it('is refused when it is large and there is no room, and takes none', () => {
    const held = new HeldBytes(2 * LARGE);
    held.takeAnyhow(LARGE);
    held.refuseWithoutRoom(LARGE);
    expect(held.bytes).toBe(LARGE);
    held.takeAnyhow(1);
    expect(() => held.refuseWithoutRoom(LARGE)).toThrow(BUSY);
    held.refuseWithoutRoom(SMALL_BYTES_MAX);
  });

  it('may have the room of who is slow', () => {
    const held = new HeldBytes(LARGE);
    held.takeAnyhow(LARGE);
    held.makeRoom = () => held.give(LARGE);
    held.refuseWithoutRoom(LARGE);
    expect(held.bytes).toBe(0);
  });
});
