import type { Role } from './types.js';

/** What the server keeps a record of, and what has access to it. As in types.ts. */

export interface LogEntry {
  id: number;
  at: string;
  /** Noun and verb: `message.delete`. */
  action: string;
  actor?: string;
  /** The name of the token that it was done with. */
  token?: string;
  via: string;
  target?: string;
  room?: string;
  messageId?: number;
  detail: Record<string, unknown>;
}

export interface FileEntry {
  id: number;
  name?: string;
  size: number;
  contentType?: string;
  uploader?: string;
  messageId?: number;
  uploadedAt: string;
  expiresAt?: string;
  isRoomImage: boolean;
}

export interface FileUsage {
  files: number;
  bytes: number;
  /** Without a token: rooms that are gone. */
  rooms: { room?: string; files: number; bytes: number }[];
  uploaders: { sessionId: string; files: number; bytes: number }[];
}

export interface Job {
  id: string;
  kind: string;
  /** `delayed`: it failed and waits for its next attempt; `dead`: it failed for good. */
  state: 'running' | 'waiting' | 'delayed' | 'dead' | 'done';
  progress: { rooms: number; roomsTotal: number; messages: number };
  attempts: number;
  attemptsMax: number;
  createdAt: string;
  startedAt?: string;
  finishedAt?: string;
  failure?: string;
}

export interface AccessToken {
  id: string;
  /** The part of it that may be shown. */
  beginning: string;
  name: string;
  role: Role;
  rooms?: string[];
  createdAt: string;
  expiresAt?: string;
  lastUsedAt?: string;
  revokedAt?: string;
}

export interface NewToken extends AccessToken {
  token: string;
}

export interface Webhook {
  id: number;
  name: string;
  url: string;
  /** `*`: all. */
  events: string[];
  /** Absent: the whole server. */
  room?: string;
  isPaused: boolean;
  pauseReason?: string;
  failures: number;
  failingSince?: string;
  createdAt: string;
}

export interface NewWebhook extends Webhook {
  secret: string;
}

export interface Attempt {
  isTaken: boolean;
  status?: number;
  outcome: string;
  durationMs: number;
}

export interface Delivery {
  id: number;
  event: string;
  happenedAt: string;
  room?: string;
  state: string;
  attempts: number;
  attemptedAt?: string;
  status?: number;
  outcome?: string;
}

export type SeriesName = 'activeUsers' | 'posts' | 'polls' | 'files' | 'moderation';

export interface Statistics {
  from: string;
  step: 'hour' | 'day';
  series: Partial<Record<SeriesName, number[]>>;
}
