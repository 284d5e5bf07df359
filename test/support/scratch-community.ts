import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Identity } from '../../libs/auth/identity.js';
import { ActivityRecorder } from '../../libs/community/activity-recorder.js';
import type { Actor } from '../../libs/community/actor.js';
import { CommunityModule } from '../../libs/community/community.module.js';
import { DeletionsService } from '../../libs/community/deletions.service.js';
import { writeMark } from '../../libs/community/file-store-mark.js';
import { MessagesService } from '../../libs/community/messages.service.js';
import { ModeratorsService } from '../../libs/community/moderators.service.js';
import { PostsService } from '../../libs/community/posts.service.js';
import { PeopleService } from '../../libs/community/people.service.js';
import type { RoomAccess } from '../../libs/community/room-access.js';
import { ReadModels } from '../../libs/community/read-models/read-models.js';
import { RoomsService } from '../../libs/community/rooms.service.js';
import { openServerIdentity, type ServerIdentity } from '../../libs/community/server-identity.js';
import { Config } from '../../libs/config/config.js';
import { loadConfig } from '../../libs/config/load-config.js';
import { LocalEventWindows } from '../../libs/coordination/local-event-windows.js';
import { LocalRateLimiter } from '../../libs/coordination/local-rate-limiter.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import { Clock } from '../../libs/protocol/clock.js';
import type { RoomToken, SessionId } from '../../libs/protocol/ids.js';
import type { NewMessage } from '../../libs/protocol/schemas/message.schema.js';
import type { BlobStore } from '../../libs/storage/blob-store.js';
import { Database, statement } from '../../libs/storage/database.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { CheckedMessages } from './checked-messages.js';
import { connect, scratchDatabase, type ScratchDatabase } from './scratch-database.js';
import { removeFolder, scratchFolder } from './scratch-folder.js';
import { Account, sessionClientReady, sessionMessage } from './session-client.js';
import { stillRecorders } from './still-recorders.js';
import { until } from './until.js';

/** Stands still until a test moves it. */
export class SettableClock extends Clock {
  now = 1_700_000_000.25;

  nowSeconds(): number {
    return this.now;
  }
}

/** Somebody with an account who authenticated at least once. */
export interface Member {
  account: Account;
  id: number;
  sessionId: SessionId;
}

export interface CommunityOverrides {
  config?: Partial<Config>;
  /** A folder of its own if left out. */
  blobs?: BlobStore;
  poolSize?: number;
  /** Whether it keeps copies in memory, as servers do and commands do not; true if left out. */
  readModels?: boolean;
}

const POOL_SIZE = 8;
const WAITING = statement(
  'test.waiting',
  `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
);
const SERVER_KEY = Buffer.alloc(32, 7);

/** The services of a community over one database, and shortcuts to fill it. Close it before the database is dropped. */
export async function communityOn(url: string, over: CommunityOverrides = {}): Promise<Community> {
  await sessionClientReady();
  const crypto = selectCryptoBackend('sodium');
  const clock = new SettableClock();
  const folder = await scratchFolder();
  const keyFile = join(folder, 'key_x25519');
  writeFileSync(keyFile, SERVER_KEY, { mode: 0o400 });
  const database = new Database({
    url,
    poolSize: over.poolSize ?? POOL_SIZE,
    applicationName: 'plaza test',
  });
  const identity = await openServerIdentity({ keyFile, database, crypto, clock });
  const config = new Config({ ...loadConfig({ env: {}, cwd: '/' }).config, ...over.config });
  const rateLimiter = new LocalRateLimiter({ clock });
  const windows = new LocalEventWindows({ clock });
  const blobs = over.blobs ?? new FolderBlobStore(join(folder, 'files'));
  // As of a server that has run for long.
  await writeMark(blobs, { server: identity.keys.publicKeyHex, since: 0, complete: true });
  const shared = { config, database, identity, crypto };
  const module = CommunityModule.of({ ...shared, rateLimiter, windows, blobs, clock });
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  stillRecorders(app);
  if (over.readModels ?? true) app.get(ReadModels).start();
  return new Community({ url, app, database, clock, identity, blobs, folder, client: await connect(url) });
}

interface CommunityParts {
  url: string;
  app: Awaited<ReturnType<typeof NestFactory.createApplicationContext>>;
  database: Database;
  clock: SettableClock;
  identity: ServerIdentity;
  blobs: BlobStore;
  /** For blobs; goes when the community is closed. */
  folder: string;
  client: Client;
}

export class Community {
  readonly database: Database;
  readonly clock: SettableClock;
  readonly people: PeopleService;
  readonly rooms: RoomsService;
  readonly messages: CheckedMessages;
  readonly posts: PostsService;
  readonly deletions: DeletionsService;
  readonly moderators: ModeratorsService;
  readonly activity: ActivityRecorder;
  /** The server itself, as the command line acts. */
  readonly operator: Actor;
  readonly blobs: BlobStore;
  /** Of the server, in hexadecimal. */
  readonly publicKeyHex: string;

  private lastSql: Promise<unknown> = Promise.resolve();
  /** For a second community on the same database. */
  readonly url: string;
  /** Of the blobs. */
  readonly folder: string;

  constructor(private readonly parts: CommunityParts) {
    const { app, database, clock, identity } = parts;
    [this.url, this.folder] = [parts.url, parts.folder];
    [this.database, this.clock] = [database, clock];
    this.people = app.get(PeopleService);
    this.rooms = app.get(RoomsService);
    this.messages = new CheckedMessages(app.get(MessagesService), this.rooms);
    this.posts = app.get(PostsService);
    this.deletions = app.get(DeletionsService);
    this.moderators = app.get(ModeratorsService);
    this.activity = app.get(ActivityRecorder);
    this.blobs = parts.blobs;
    this.publicKeyHex = identity.keys.publicKeyHex;
    this.operator = { userId: identity.userId, via: 'command-line' };
  }

  async close(): Promise<void> {
    await this.parts.client.end();
    await this.parts.app.close();
    await this.database.close();
    await removeFolder(this.parts.folder);
  }

  /** Any service that has no shortcut here. */
  service<Service>(type: Type<Service>): Service {
    return this.parts.app.get(type);
  }

  /** Straight to the tables, past every rule but those of the database; one after the other on one connection. */
  async sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const result = this.lastSql.then(() => this.parts.client.query(text, values));
    this.lastSql = result.catch(() => undefined);
    const { rows } = await result;
    if (!/^\s*SELECT/i.test(text)) this.service(ReadModels).apply([{ kind: 'everything' }]);
    return rows as Row[];
  }

  /** The one value of the one row. */
  async value<Value>(text: string, values: unknown[] = []): Promise<Value> {
    const [row] = await this.sql<Record<string, Value>>(text, values);
    return Object.values(row ?? {})[0] as Value;
  }

  /** Until one connection to this database waits for a lock that another has. */
  untilSomebodyWaits(): Promise<void> {
    return until(async () => (await this.database.query<{ count: number }>(WAITING))[0]!.count > 0);
  }

  /** The same account for the same name, in every run. */
  account(name: string): Account {
    return Account.named(name, this.parts.identity.keys.publicKey);
  }

  async member(name: string): Promise<Member> {
    const account = this.account(name);
    const { id, sessionId } = await this.people.arrive(account.blindedId as SessionId);
    return { account, id, sessionId };
  }

  async room(token: string): Promise<RoomToken> {
    await this.rooms.create(this.operator, { token, name: `Room ${token}` });
    return token as RoomToken;
  }

  /** As authentication hands it on, with the roles of this moment. */
  async identity({ sessionId }: Member): Promise<Identity> {
    const user = (await this.people.find(sessionId))!;
    return { user, blinded: true, publicKey: Buffer.from(sessionId.slice(2), 'hex') };
  }

  /** What this member (or somebody anonymous) may do in the room at this moment. */
  async access(token: RoomToken, member?: Member): Promise<RoomAccess> {
    return (await this.rooms.open(token, member && (await this.identity(member))))!;
  }

  async post(token: RoomToken, member: Member, post: string | Partial<NewMessage>) {
    const given = typeof post === 'string' ? signed(member, post) : { ...signed(member, ''), ...post };
    return this.posts.post(await this.identity(member), await this.access(token, member), given);
  }
}

/** `data` and `signature` as they come out of a request's body. */
export function signed({ account }: Member, content: string | Buffer): { data: Buffer; signature: Buffer } {
  const data = typeof content === 'string' ? sessionMessage(content) : content;
  return { data, signature: account.signBlinded(data) };
}

/** A community of its own, on a database of its own, for every `it` of the suite that calls this. */
export function eachWithCommunity(over: CommunityOverrides = {}): () => Community {
  let database: ScratchDatabase;
  let community: Community;
  beforeEach(async () => {
    database = await scratchDatabase();
    community = await communityOn(database.url, over);
  });
  afterEach(async () => {
    await community.close();
    await database.drop();
  });
  return () => community;
}

/** One community for the whole suite, for tests that stay in rooms and with people of their own. */
export function allWithCommunity(over: CommunityOverrides = {}): () => Community {
  let database: ScratchDatabase;
  let community: Community;
  beforeAll(async () => {
    database = await scratchDatabase();
    community = await communityOn(database.url, over);
  });
  afterAll(async () => {
    await community.close();
    await database.drop();
  });
  return () => community;
}
