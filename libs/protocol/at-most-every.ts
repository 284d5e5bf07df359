/** Says whether it is time again: true at first, then once in `ms` milliseconds at most, whatever happens to the clock. */
export function atMostEvery(ms: number, nowMs: () => number = () => performance.now()): () => boolean {
  let quietUntil = -Infinity;
  return () => {
    const now = nowMs();
    if (now < quietUntil) return false;
    quietUntil = now + ms;
    return true;
  };
}
