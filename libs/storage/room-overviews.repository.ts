import { Injectable } from '@nestjs/common';
import type { RoomToken } from '../protocol/ids.js';
import { Database } from './database.js';

/** A room as its operator sees it, with counts that nobody reads every few seconds. */
export interface RoomOverview {
  token: RoomToken;
  name: string;
  description: string | null;
  createdAt: number;
  messageSequence: number;
  infoUpdates: number;
  activeUsers: number;
  /** Not deleted ones. */
  messages: number;
  files: number;
  /** Null: messages are kept. */
  retentionDays: number | null;
  defaults: { read: boolean; accessible: boolean; write: boolean; upload: boolean };
}

@Injectable()
export class RoomOverviewsRepository {
  constructor(private readonly database: Database) {}

  /** By token without case. */
  async list(): Promise<RoomOverview[]> {
    const rooms = await this.database.typed((prisma) =>
      prisma.room.findMany({
        orderBy: { tokenKey: 'asc' },
        include: { _count: { select: { messages: { where: { data: { not: null } } }, files: true } } },
      }),
    );
    return rooms.map((room) => ({
      token: room.token as RoomToken,
      name: room.name,
      description: room.description,
      createdAt: room.createdAt,
      messageSequence: Number(room.messageSequence),
      infoUpdates: Number(room.infoUpdates),
      activeUsers: room.activeUsers,
      messages: room._count.messages,
      files: room._count.files,
      retentionDays: room.retentionDays,
      defaults: {
        read: room.defaultRead,
        accessible: room.defaultAccessible,
        write: room.defaultWrite,
        upload: room.defaultUpload,
      },
    }));
  }
}
