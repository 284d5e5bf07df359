/** What the admin API takes and gives. Times are ISO 8601 in UTC. */

export type Role = 'viewer' | 'moderator' | 'admin';

export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

export interface Session {
  kind: 'token' | 'session-id';
  name: string;
  roles: { global?: Role; rooms: Record<string, Role> };
  csrfToken?: string;
}

export interface ServerInfo {
  name?: string;
  version: string;
  publicKey: string;
  counts: Record<string, number>;
  limits: Record<string, unknown>;
  health: unknown;
}

export interface RoomDefaults {
  read: boolean;
  write: boolean;
  upload: boolean;
  accessible: boolean;
}

export interface Room {
  token: string;
  name: string;
  description?: string;
  imageFileId?: number;
  createdAt?: string;
  activeUsers: number;
  defaults: RoomDefaults;
  retentionDays?: number;
  rateLimit?: { posts: number; windowSeconds: number };
  /** A raid is under way. */
  closedToNewcomersUntil?: string;
}

export type NewRoom = Pick<Room, 'token' | 'name'> & Partial<Pick<Room, 'description'>>;

/** What is left out stays; null takes it away. */
export type RoomPatch = Partial<{
  [Key in 'name' | 'description' | 'defaults' | 'retentionDays' | 'rateLimit']: Room[Key] | null;
}>;

export interface Attachment {
  name?: string;
  size?: number;
  fileId?: number;
  contentType?: string;
}

export interface Message {
  id: number;
  seqno: number;
  postedAt: string;
  editedAt?: string;
  sessionId: string;
  displayName?: string;
  text?: string;
  attachments?: Attachment[];
  quote?: { sessionId?: string; text?: string };
  whisperTo?: string;
  isForModerators?: boolean;
  isFiltered?: boolean;
  isPinned?: boolean;
  reactions?: { emoji: string; count: number }[];
}

export interface MessagePage extends Page<Message> {
  /** Id of the last message that was looked at. */
  scannedUntil?: number;
}

export interface Permissions {
  read?: boolean;
  write?: boolean;
  upload?: boolean;
  accessible?: boolean;
}

/** By appointment; everybody else has none. */
export type AppointedRole = 'moderator' | 'admin';

export interface Member {
  sessionId: string;
  firstSeen?: string;
  lastActive?: string;
  posts: number;
  permissions: Permissions;
  role?: AppointedRole;
  isBanned: boolean;
  mutedUntil?: string;
}

export interface Moderator {
  sessionId: string;
  /** Absent: of the whole server. */
  room?: string;
  role: AppointedRole;
  isVisible: boolean;
}

export interface UserSummary {
  sessionId: string;
  firstSeen?: string;
  lastActive?: string;
  role?: AppointedRole;
  isBanned: boolean;
}

export interface Ban {
  id: string;
  kind: 'ban' | 'mute';
  sessionId: string;
  room?: string;
  until?: string;
  reason?: string;
  since?: string;
  by?: string;
  via?: string;
}

export interface UserDetail extends UserSummary {
  roles: { global?: AppointedRole; rooms: Record<string, AppointedRole> };
  bans: Ban[];
  rooms: { token: string; posts: number; lastActive?: string; role?: AppointedRole; isBanned: boolean }[];
}

export interface BanInput {
  sessionId: string;
  room?: string;
  until?: string;
  reason?: string;
  deletePosts?: boolean;
}

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

/** What came of a test. */
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

export type Rules = Record<string, unknown>;

export interface PreviewItem {
  messageId: number;
  sessionId: string;
  text?: string;
  outcome: string;
  reasons: string[];
}

export interface Preview {
  items: PreviewItem[];
  judged: number;
  caught: number;
}

export type SeriesName = 'activeUsers' | 'posts' | 'polls' | 'files' | 'moderation';

export interface Statistics {
  from: string;
  step: 'hour' | 'day';
  series: Partial<Record<SeriesName, number[]>>;
}
