import { OperatorError } from '../../protocol/operator-error.js';

/** The import cannot go on. The text says why and what to do. */
export class ImportError extends OperatorError {
  override name = 'ImportError';
}

export interface ImportProgress {
  phase: 'files' | 'rows' | 'verifying';
  done: number;
  total: number;
  /** Of the files. */
  bytes?: { done: number; total: number };
}
