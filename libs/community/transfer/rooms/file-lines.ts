import { openPlain, type PlainPath } from '../../../storage/plain-file.js';
import { ImportError } from '../import-error.js';

const NEWLINE = 10;
/** A row is taken into memory as a whole. The longest that we write are messages and rules: far below. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The lines of a text file, which end with a newline and with nothing else: JSON may hold other characters that readers
 * of lines take for an end (U+2028). Throws {@link ImportError} for a longer one than fits.
 */
export async function* fileLines(place: PlainPath): AsyncGenerator<string> {
  let [held, size, at] = [[] as Buffer[], 0, 1];
  for await (const piece of piecesOf(place)) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...held, piece.subarray(start, end)]).toString();
      [held, size, start, at] = [[], 0, end + 1, at + 1];
    }
    held.push(piece.subarray(start));
    size += piece.length - start;
    if (size > LINE_BYTES_MAX)
      throw new ImportError(
        `Line ${at} of ${place.path} is longer than any that Plaza writes. Nothing was changed.`,
      );
  }
  if (size > 0) yield Buffer.concat(held).toString();
}

async function* piecesOf(place: PlainPath): AsyncGenerator<Buffer> {
  try {
    const { file } = await openPlain(place);
    yield* file.createReadStream() as AsyncIterable<Buffer>;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error;
    throw new ImportError(`${place.path} cannot be read: ${(error as Error).message}`);
  }
}
