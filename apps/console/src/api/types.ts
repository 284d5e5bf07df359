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
  joinLink: string;
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
  /** Not by somebody who only took its name. */
  isByServer: boolean;
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
  /** The server itself, as it writes in rooms. */
  isServer: boolean;
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

/** What came of a test. */
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
