import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { UnavailableError } from '../protocol/unavailable-error.js';
import { NONCE_BYTES } from './nonce-store.js';

const READ_BYTES = 65_536 * NONCE_BYTES;

/**
 * Nonces on disk, one after the other, nothing else. Appended without fsync: they outlive the process, which is
 * what architecture.md asks for, not the machine.
 */
export class NonceFile {
  private descriptor: number | undefined;

  constructor(readonly path: string) {}

  /** Returns once the nonce is written. Throws UnavailableError when it could not be (the disk is full), having left nothing that would be read back. */
  append(nonce: Buffer): void {
    try {
      this.descriptor ??= openRepaired(this.path);
      const written = writeSync(this.descriptor, nonce, 0, NONCE_BYTES);
      if (written !== NONCE_BYTES) throw new Error(`only ${written} of ${NONCE_BYTES} bytes were written`);
    } catch (cause) {
      this.close(); // The next append opens it again, and thereby cuts off a part that was written.
      throw new UnavailableError(
        `A nonce could not be recorded in ${this.path}: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  close(): void {
    const descriptor = this.descriptor;
    this.descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /** Closes and deletes it. */
  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  /** Whole nonces in the file. */
  count(): number {
    return Math.floor(statSync(this.path).size / NONCE_BYTES);
  }

  /** All whole nonces, in pieces of many; a broken last one is ignored. A piece is valid until the next is asked for. */
  async *read(): AsyncGenerator<Buffer> {
    const file = await open(this.path, 'r');
    try {
      const end = this.count() * NONCE_BYTES;
      const buffer = Buffer.alloc(Math.min(READ_BYTES, end));
      for (let at = 0; at < end;) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
        const usable = bytesRead - (bytesRead % NONCE_BYTES);
        if (usable === 0) throw new Error(`${this.path} became shorter while it was read`);
        yield buffer.subarray(0, usable);
        at += usable;
      }
    } finally {
      await file.close();
    }
  }
}

/** Opens for appending; cuts off a nonce that was only partly written, so that all that follow stand in their place. */
function openRepaired(path: string): number {
  const descriptor = openSync(path, 'a', 0o600);
  try {
    const { size } = fstatSync(descriptor);
    if (size % NONCE_BYTES !== 0) ftruncateSync(descriptor, size - (size % NONCE_BYTES));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
