import type { AuthenticatedUser } from './ports.js';

/** Who makes a request, proven by a signature. A value that is passed on, never a header, so nobody can forge it. */
export interface Identity {
  user: AuthenticatedUser;
  /** Whether the user came under a `15…` id; some endpoints need that (protocol.md §2). */
  blinded: boolean;
  /** The Ed25519 key that verified the request, 32 bytes; a blinded user signs posts with it too. */
  publicKey: Buffer;
}
