import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { RoomObject } from '../../protocol/schemas/room.schema.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import type { GlobalModerator } from '../../storage/users.repository.js';
import { moderatorList } from '../moderator-list.js';
import type { Permissions, RoomAccess } from '../room-access.js';
import { pollInfoObject, roomObject } from '../room-object.js';
import type { RoomCircle } from './room-model.js';
import { RoomModels } from './room-models.js';
import { UserModels } from './user-models.js';

/** What of an answer depends on who asks. */
const STANDING: readonly (keyof Permissions)[] = [
  'accessible',
  'read',
  'write',
  'upload',
  'moderator',
  'admin',
  'globalModerator',
  'globalAdmin',
];

/** Answers about one state of a room, by the standing of who asks. */
interface Views {
  pollInfo: Map<number, Buffer>;
  /** Made from these people and pins. */
  people: People | undefined;
  object: Map<number, Buffer>;
  pollInfoWithDetails: Map<number, Buffer>;
}

interface People {
  circle: RoomCircle;
  global: readonly GlobalModerator[];
}

/** Rooms as JSON. An answer is printed once for each state of the room and each standing, and goes with that state. */
@Injectable()
export class RoomViews {
  private readonly views = new WeakMap<RoomRecord, Views>();

  constructor(
    private readonly rooms: RoomModels,
    private readonly users: UserModels,
    private readonly config: Config,
  ) {}

  /** The room object of `GET /room/R` (protocol.md §5). */
  async object(access: RoomAccess): Promise<RoomObject> {
    return this.objectOf(access, await this.peopleOf(access.room));
  }

  async objectJson(access: RoomAccess): Promise<Buffer> {
    const people = await this.peopleOf(access.room);
    const { object } = this.viewsOf(access.room, people);
    return remembered(object, access, () => this.objectOf(access, people));
  }

  /** What a poll answers, with the room object when `known` is not the room's `info_updates`. */
  pollInfoJson(access: RoomAccess, known: number): Buffer | Promise<Buffer> {
    if (known !== access.room.infoUpdates) return this.pollInfoWithDetails(access);
    const { pollInfo } = this.viewsOf(access.room);
    return remembered(pollInfo, access, () => pollInfoObject(access, undefined));
  }

  private async pollInfoWithDetails(access: RoomAccess): Promise<Buffer> {
    const people = await this.peopleOf(access.room);
    const { pollInfoWithDetails } = this.viewsOf(access.room, people);
    return remembered(pollInfoWithDetails, access, () =>
      pollInfoObject(access, this.objectOf(access, people)),
    );
  }

  private async peopleOf(room: RoomRecord): Promise<People> {
    const [circle, global] = await Promise.all([this.rooms.circleOf(room), this.users.globalModerators()]);
    return { circle, global };
  }

  private objectOf(access: RoomAccess, { circle, global }: People): RoomObject {
    const people = moderatorList(circle.moderators, global);
    return roomObject(access, people, circle.pins, this.config.lifetimes.activeUserSeconds);
  }

  /** Those with a room object in them are good for these people only. */
  private viewsOf(room: RoomRecord, people?: People): Views {
    let views = this.views.get(room);
    if (!views) {
      views = { pollInfo: new Map(), people: undefined, object: new Map(), pollInfoWithDetails: new Map() };
      this.views.set(room, views);
    }
    if (people && (views.people?.circle !== people.circle || views.people.global !== people.global)) {
      views.people = people;
      views.object.clear();
      views.pollInfoWithDetails.clear();
    }
    return views;
  }
}

function remembered(known: Map<number, Buffer>, access: RoomAccess, make: () => unknown): Buffer {
  let standing = 0;
  for (const [bit, member] of STANDING.entries()) if (access[member]) standing |= 1 << bit;
  let json = known.get(standing);
  if (!json) known.set(standing, (json = Buffer.from(JSON.stringify(make()))));
  return json;
}
