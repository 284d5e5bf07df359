const MIB = 1024 * 1024;

/**
 * What keeps one client, or many that belong to one attacker, from taking the server away from the others. Operators
 * change them through the environment (libs/config; docs/limits.md). 0 means no limit where it is allowed.
 */
export interface AbuseLimits {
  /** HTTP requests being worked on, per process. */
  requestsInFlightMax: number;
  /** Bodies and answers beyond 64 KiB in memory, per process. */
  bytesInFlightMax: number;
  /** Open connections, per process. */
  connectionsMax: number;
  /** Onion requests that cannot be opened, per process; each 16 KiB of a long one count as one more. */
  onionFailuresPerSecondMax: number;
  /** Nonces that are remembered where there is no Redis; each takes up to 32 bytes. */
  noncesMax: number;
  /** What the parts of a batch answer together. */
  batchAnswerBytesMax: number;
  /** What a user may cost, per process, in units of a read: in the long run, and at once. */
  userCostPerSecondMax: number;
  userCostBurstMax: number;
  /** Posts of all users together, per process, in the long run; a hundred seconds' worth at once. */
  roomPostsPerSecondMax: number;
  serverPostsPerSecondMax: number;
  /** Uploads that are kept, within a window: of a user in a room, in a room, on the server. */
  uploadsWindowSeconds: number;
  userUploadsMax: number;
  userUploadBytesMax: number;
  roomUploadsMax: number;
  roomUploadBytesMax: number;
  serverUploadsMax: number;
  serverUploadBytesMax: number;
  /** People who come for the first time, within a window: who begin to write in a room, who come to the server. */
  newcomersWindowSeconds: number;
  roomNewcomersMax: number;
  serverNewcomersMax: number;
}

export const DEFAULT_ABUSE_LIMITS: AbuseLimits = {
  requestsInFlightMax: 1000,
  bytesInFlightMax: 128 * MIB,
  connectionsMax: 10_000,
  onionFailuresPerSecondMax: 1000,
  noncesMax: 20_000_000,
  batchAnswerBytesMax: 64 * MIB,
  userCostPerSecondMax: 100,
  userCostBurstMax: 5000,
  roomPostsPerSecondMax: 200,
  serverPostsPerSecondMax: 400,
  uploadsWindowSeconds: 3600,
  userUploadsMax: 300,
  userUploadBytesMax: 500_000_000,
  roomUploadsMax: 5000,
  roomUploadBytesMax: 5_000_000_000,
  serverUploadsMax: 20_000,
  serverUploadBytesMax: 20_000_000_000,
  newcomersWindowSeconds: 1,
  roomNewcomersMax: 1000,
  serverNewcomersMax: 1000,
};
