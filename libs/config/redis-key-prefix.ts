/** Of the server's public key: as good as any hash of it, and an operator recognises it. */
const DIGITS = 16;

/** Before every key of ours in Redis, so that several communities may share one. `publicKeyHex`: 64 digits. */
export const redisKeyPrefix = (publicKeyHex: string): string => `plaza:${publicKeyHex.slice(0, DIGITS)}:`;
