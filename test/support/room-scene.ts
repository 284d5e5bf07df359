import type { Identity } from '../../libs/auth/identity.js';
import { BansService } from '../../libs/community/bans.service.js';
import { FilesService } from '../../libs/community/files.service.js';
import type { RoleChange } from '../../libs/community/moderators.service.js';
import { PermissionsService, type OverrideChange } from '../../libs/community/permissions.service.js';
import { PinsService } from '../../libs/community/pins.service.js';
import { ReactionsService } from '../../libs/community/reactions.service.js';
import type { RoomAccess } from '../../libs/community/room-access.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import type { MessageObject, NewMessage } from '../../libs/protocol/schemas/message.schema.js';
import type { ScheduledFlags } from '../../libs/storage/schedule.repository.js';
import { signed, type Community, type Member } from './scratch-community.js';

export interface FileRow {
  id: number;
  message_id: number | null;
  expires_at: number | null;
}

export interface RoomCounters {
  messageSequence: number;
  infoUpdates: number;
}

let scenes = 0;

/** A room of a community, and what its people do in it, each with the permissions of that moment. */
export class RoomScene {
  private constructor(
    readonly community: Community,
    readonly token: RoomToken,
  ) {}

  /** In a room of its own; called twice with one `prefix`, of two. */
  static async of(community: Community, prefix = 'room'): Promise<RoomScene> {
    return new RoomScene(community, await community.room(`${prefix}-${++scenes}`));
  }

  /** A room that is there already, maybe as another process sees it. */
  static at(community: Community, token: RoomToken): RoomScene {
    return new RoomScene(community, token);
  }

  async as(member: Member): Promise<{ identity: Identity; access: RoomAccess }> {
    const identity = await this.community.identity(member);
    return { identity, access: (await this.community.rooms.open(this.token, identity))! };
  }

  /** Somebody of this scene alone, with a role in the room if one is given. */
  async member(name: string, role?: RoleChange): Promise<Member> {
    const member = await this.community.member(`${name} of ${this.token}`);
    if (role) await this.appoint(member, role);
    return member;
  }

  async appoint({ sessionId }: Member, role: RoleChange): Promise<number> {
    const { moderators, operator } = this.community;
    const counters = await moderators.changeInRooms(operator, sessionId, [this.token], role);
    return counters.get(this.token)!;
  }

  async globalMember(name: string, role: RoleChange): Promise<Member> {
    const member = await this.member(name);
    await this.community.moderators.changeGlobally(this.community.operator, member.sessionId, role);
    return member;
  }

  post(member: Member, post: string | Partial<NewMessage> = 'hello'): Promise<MessageObject> {
    return this.community.post(this.token, member, post);
  }

  async edit(member: Member, id: number, text: string, files?: number[]): Promise<void> {
    const { identity, access } = await this.as(member);
    await this.community.posts.edit(identity, access, id, { ...signed(member, text), files });
  }

  async delete(member: Member, id: number): Promise<void> {
    const { identity, access } = await this.as(member);
    await this.community.deletions.deleteOne(identity, access, id);
  }

  async deleteAll(member: Member, author: Member): Promise<void> {
    const { identity, access } = await this.as(member);
    await this.community.deletions.deleteAllInRoom(
      identity,
      access,
      (await this.community.people.find(author.sessionId))!,
    );
  }

  async react(member: Member, id: number, emoji: string) {
    const { identity, access } = await this.as(member);
    return this.community.service(ReactionsService).add(identity, access, id, emoji);
  }

  async unreact(member: Member, id: number, emoji: string) {
    const { identity, access } = await this.as(member);
    return this.community.service(ReactionsService).remove(identity, access, id, emoji);
  }

  /** Without an emoji: all of them. */
  async clear(member: Member, id: number, emoji?: string) {
    const { identity, access } = await this.as(member);
    return this.community.service(ReactionsService).clear(identity, access, id, emoji);
  }

  async reactors(member: Member, id: number, emoji: string, limit?: number) {
    const { access } = await this.as(member);
    return this.community.service(ReactionsService).reactors(access, id, emoji, limit);
  }

  async pin(member: Member, id: number): Promise<number> {
    const { access } = await this.as(member);
    return this.community.service(PinsService).pin({ userId: member.id, via: 'protocol' }, access, id);
  }

  /** Without an id: all of them. */
  async unpin(member: Member, id?: number) {
    const { access } = await this.as(member);
    return this.community.service(PinsService).unpin({ userId: member.id, via: 'protocol' }, access, id);
  }

  async upload(
    member: Member,
    { bytes = Buffer.from('bytes') as Buffer, name = undefined as string | undefined } = {},
  ) {
    const { identity, access } = await this.as(member);
    return this.community.service(FilesService).upload(identity, access, bytes, name);
  }

  /** As an admin does; returns the new `info_updates`. */
  setImage(imageId: number): Promise<number | undefined> {
    return this.community.rooms.update(this.community.operator, this.token, { imageId });
  }

  async download(id: number, member?: Member) {
    const access = await this.community.access(this.token, member);
    return this.community.service(FilesService).download(access, id);
  }

  /** Bans here; `timeoutSeconds` 0: for ever. */
  async ban(member: Member, target: Pick<Member, 'sessionId'>, timeoutSeconds = 0): Promise<void> {
    const { access } = await this.as(member);
    const actor = { userId: member.id, via: 'protocol' as const };
    await this.community.service(BansService).banInRooms(actor, [access], target.sessionId, timeoutSeconds);
  }

  async unban(member: Member, target: Pick<Member, 'sessionId'>): Promise<void> {
    const { access } = await this.as(member);
    const actor = { userId: member.id, via: 'protocol' as const };
    await this.community.service(BansService).unbanInRooms(actor, [access], target.sessionId);
  }

  /** As the operator does, for ever. */
  banGlobally({ sessionId }: Pick<Member, 'sessionId'>): Promise<void> {
    return this.community.service(BansService).banGlobally(this.community.operator, sessionId, 0);
  }

  /** Sets (true, false) or drops (null) permissions of one user, as the operator does; answers what is set then. */
  async override(
    { sessionId }: Pick<Member, 'sessionId'>,
    change: OverrideChange,
    { unschedule = true } = {},
  ) {
    const access = await this.community.access(this.token);
    const permissions = this.community.service(PermissionsService);
    return permissions.change(this.community.operator, access, sessionId, { change, unschedule });
  }

  /** Schedules permissions of one user, as the operator does; answers all that is scheduled for them. */
  async schedule({ sessionId }: Pick<Member, 'sessionId'>, flags: ScheduledFlags, inSeconds: number) {
    const access = await this.community.access(this.token);
    const permissions = this.community.service(PermissionsService);
    return permissions.scheduleChange(this.community.operator, access, sessionId, { flags, inSeconds });
  }

  /** The room as this member, or somebody anonymous, sees it. */
  async shown(member?: Member) {
    return this.community.rooms.object(await this.community.access(this.token, member));
  }

  async message(id: number, member?: Member): Promise<MessageObject> {
    const access = await this.community.access(this.token, member);
    return this.community.messages.one(access, { limit: 1, reactors: 20 }, id);
  }

  /** Every change after a number, reactions too, as somebody anonymous reads it. */
  async since(seqno: number, member?: Member) {
    const access = await this.community.access(this.token, member);
    return this.community.messages.since(
      access,
      { limit: 256, reactors: 20 },
      { seqno, reactionChanges: true },
    );
  }

  async file(id: number): Promise<FileRow> {
    const [row] = await this.community.sql<FileRow>(
      'SELECT id, message_id, expires_at FROM files WHERE id = $1',
      [id],
    );
    return row!;
  }

  async counters(): Promise<RoomCounters> {
    const { room } = await this.community.access(this.token);
    return { messageSequence: room.messageSequence, infoUpdates: room.infoUpdates };
  }

  /** As a silent filter does. */
  async filter(id: number): Promise<void> {
    await this.community.sql('UPDATE messages SET filtered = true WHERE id = $1', [id]);
  }

  /** What the moderation log says happened in this room, oldest first. */
  async logged(): Promise<string[]> {
    const rows = await this.community.sql<{ action: string }>(
      'SELECT action FROM moderation_log WHERE lower(room_token) = lower($1) ORDER BY id',
      [this.token],
    );
    return rows.map(({ action }) => action);
  }
}

/** How many rows each table has, and the counters of each room: two such states differ if anything was done. */
export async function tableState(community: Pick<Community, 'sql'>): Promise<Record<string, unknown>> {
  const tables = await community.sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const state: Record<string, unknown> = {};
  for (const { name } of tables) [state[name]] = await community.sql(`SELECT count(*) AS count FROM ${name}`);
  state['counters'] = await community.sql(
    'SELECT token, message_sequence, info_updates FROM rooms ORDER BY token',
  );
  return state;
}
