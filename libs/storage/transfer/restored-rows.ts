import type { CopySession } from './copy-session.js';

/** Rows of files that were deleted while their backup was made: what they refer to is in no backup. */
export async function removeFileRows(session: CopySession, ids: readonly number[]): Promise<void> {
  await session.rows(`DELETE FROM files WHERE id = ANY($1)`, [ids]);
}
