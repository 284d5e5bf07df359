import { readFile, stat } from 'node:fs/promises';
import { WORD_LIST_BYTES_MAX } from '../moderation/filter-limits.js';
import { parseWordList, WordListError } from '../moderation/word-list.js';

/** The words of `WORD_LIST_FILE`, as they were when this process started. A class so that Nest can inject it. */
export class ServerWords {
  constructor(readonly terms: readonly string[]) {}

  /** Empty without a file. Throws WordListError naming file and lines. */
  static async read(path: string | undefined): Promise<ServerWords> {
    if (path === undefined) return new ServerWords([]);
    try {
      const { size } = await stat(path);
      if (size > WORD_LIST_BYTES_MAX)
        throw new WordListError(path, [`${size} bytes, at most ${WORD_LIST_BYTES_MAX} are allowed`]);
      return new ServerWords(parseWordList(await readFile(path, 'utf8'), path));
    } catch (error) {
      if (error instanceof WordListError) throw error;
      throw new WordListError(path, [`it cannot be read: ${(error as Error).message}`]);
    }
  }
}
