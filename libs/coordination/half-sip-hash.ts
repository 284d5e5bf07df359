/**
 * HalfSipHash-1-3 of four 32-bit words under a 64-bit key, 32-bit result (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF"; reference code: github.com/veorq/SipHash, halfsiphash.c). For the places of hash tables only:
 * who does not know the key cannot choose inputs that collide. It protects nothing else.
 */
export function halfSipHash13(key0: number, key1: number, words: Uint32Array): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  // Rounds 0–3 take one word each, round 4 the final block (the length, 16, in its top byte), 5–7 finish.
  for (let round = 0; round < 8; round++) {
    const word = round < 4 ? words[round]! : round === 4 ? 16 << 24 : 0;
    v3 ^= word;
    if (round === 5) v2 ^= 0xff;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}
