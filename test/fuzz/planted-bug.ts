/** What the guided search is tried on: a bug that guessing finds once in four thousand million inputs. */
export function plantedBug(bytes: Buffer): void {
  if (bytes[0] === 0x62) {
    if (bytes[1] === 0x75) {
      if (bytes[2] === 0x67) {
        if (bytes[3] === 0x21) throw new Error('the planted bug');
      }
    }
  }
}
