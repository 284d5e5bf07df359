/** Edge of the small grey image that a hash is made of, in pixels. */
export const THUMBNAIL_EDGE = 32;

/** Frequencies in each direction: those that survive scaling and compression. */
const FREQUENCIES = 8;
/** Of the strongest frequency; below it the image is one colour and what is left is noise. */
const STRUCTURE_MIN = 16;
/** Frequencies nearer to the median than this would be noise as well. Grey levels times edge, as the transform gives. */
const NOISE = 1;

/** cos((2x + 1) · u · π / 2N), by u and x. */
const COSINES: readonly Float64Array[] = Array.from({ length: FREQUENCIES }, (_, u) =>
  Float64Array.from({ length: THUMBNAIL_EDGE }, (_unused, x) =>
    Math.cos(((2 * x + 1) * u * Math.PI) / (2 * THUMBNAIL_EDGE)),
  ),
);

/**
 * A 64-bit pHash: which of the 64 lowest frequencies (of a discrete cosine transform) are above their median. Images
 * that look alike differ in a few bits, others in about 32. `thumbnail`: 32 × 32 grey levels, row by row. Null for an
 * image without structure, which would be like any other.
 * C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2.
 */
export function perceptualHash(thumbnail: Uint8Array): Buffer | null {
  const frequencies = lowFrequencies(thumbnail);
  frequencies[0] = 0; // the brightness of the whole
  if (Math.max(...frequencies.map(Math.abs)) < STRUCTURE_MIN) return null;
  const sorted = frequencies.toSorted();
  const median = (sorted[31]! + sorted[32]!) / 2;
  const hash = Buffer.alloc(8);
  for (const [at, frequency] of frequencies.entries())
    if (frequency > median + NOISE) hash[at >> 3]! |= 0x80 >> (at & 7);
  return hash;
}

/** By rows first, then by columns: the transform is separable. */
function lowFrequencies(thumbnail: Uint8Array): Float64Array {
  const rows = new Float64Array(THUMBNAIL_EDGE * FREQUENCIES);
  for (let y = 0; y < THUMBNAIL_EDGE; y++)
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let x = 0; x < THUMBNAIL_EDGE; x++) sum += thumbnail[y * THUMBNAIL_EDGE + x]! * COSINES[u]![x]!;
      rows[y * FREQUENCIES + u] = sum;
    }
  const frequencies = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let v = 0; v < FREQUENCIES; v++)
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let y = 0; y < THUMBNAIL_EDGE; y++) sum += rows[y * FREQUENCIES + u]! * COSINES[v]![y]!;
      frequencies[v * FREQUENCIES + u] = sum / THUMBNAIL_EDGE;
    }
  return frequencies;
}
