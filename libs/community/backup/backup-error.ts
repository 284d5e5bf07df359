import { OperatorError } from '../../protocol/operator-error.js';

/** A backup cannot be made, read or restored. The text says why and what to do. */
export class BackupError extends OperatorError {
  override name = 'BackupError';
}

export const damaged = (where: string): BackupError =>
  new BackupError(`The backup is damaged or cut off (${where}). Nothing was touched; take another one.`);
