import { hash } from 'node:crypto';

/** SHA-256, by which files and texts are told apart. 32 bytes. */
export const sha256 = (data: Uint8Array | string): Buffer => hash('sha256', data, 'buffer');
