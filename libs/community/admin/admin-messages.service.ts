import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { readContent, type MessageContent } from '../../protocol/content.js';
import { ID_MAX } from '../../protocol/limits.js';
import type { SessionId } from '../../protocol/ids.js';
import {
  AdminMessagesRepository,
  type AdminMessageRecord,
  type MessageFile,
} from '../../storage/admin/admin-messages.repository.js';
import { ReactionsRepository, type ReactionSummary } from '../../storage/reactions.repository.js';
import { groupBy } from '../group-by.js';
import { PeopleService } from '../people.service.js';
import type { RoomAccess } from '../room-access.js';
import { ServerAuthorsService } from '../server-authors.service.js';

export interface MessageSearch {
  author?: SessionId | undefined;
  /** Unix seconds: not before, and before. */
  from?: number | undefined;
  to?: number | undefined;
  /** In what can be read, without case. */
  text?: string | undefined;
  /** Newest first below this id (or from the newest on), or oldest first above one. */
  before?: number | undefined;
  after?: number | undefined;
  limit: number;
}

export interface ReadMessage {
  message: AdminMessageRecord;
  /** Undefined when the bytes are no message that we understand. */
  content: MessageContent | undefined;
  /** An announcement, a notice or a filter's reply. */
  isByServer: boolean;
  files: MessageFile[];
  reactions: ReactionSummary[];
}

export interface FoundMessages {
  messages: ReadMessage[];
  /** There may be more beyond {@link scannedUntil}. */
  hasMore: boolean;
  /** Id of the last message that was looked at; undefined when there was none. */
  scannedUntil: number | undefined;
}

/** Of one search: so much is read before it answers with what it has. */
const SCANNED_MAX = 5_000;
const BATCH = 500;

/** Messages as moderators look through them. */
@Injectable()
export class AdminMessagesService {
  constructor(
    private readonly messages: AdminMessagesRepository,
    private readonly reactions: ReactionsRepository,
    private readonly people: PeopleService,
    private readonly serverAuthors: ServerAuthorsService,
    private readonly clock: Clock,
  ) {}

  /** Looks at no more than 5 000 messages that these may see, and says how far it came. */
  async search({ room, ...viewer }: RoomAccess, search: MessageSearch): Promise<FoundMessages> {
    const author = search.author === undefined ? undefined : await this.people.known(search.author);
    if (search.author !== undefined && !author)
      return { messages: [], hasMore: false, scannedUntil: undefined };
    const order = search.after === undefined ? 'before' : 'after';
    const batch = search.text === undefined ? search.limit + 1 : BATCH;
    const found: Readable[] = [];
    let id = search.after ?? search.before ?? ID_MAX;
    let scannedUntil: number | undefined;
    for (let scanned = 0; scanned < SCANNED_MAX;) {
      const { from, to } = search;
      const place = { roomId: room.id, viewer, authorId: author?.id, from, to, order, id } as const;
      const rows = await this.messages.page({ ...place, limit: batch });
      for (const message of rows) {
        if (found.length === search.limit) return this.answer(found, { hasMore: true, scannedUntil });
        [id, scannedUntil] = [message.id, message.id];
        const content = readContent(message.data);
        if (matches(content, search.text)) found.push({ message, content });
      }
      if (rows.length < batch) return this.answer(found, { hasMore: false, scannedUntil });
      scanned += rows.length;
    }
    return this.answer(found, { hasMore: true, scannedUntil });
  }

  private async answer(
    found: readonly Readable[],
    rest: Omit<FoundMessages, 'messages'>,
  ): Promise<FoundMessages> {
    const ids = found.map(({ message }) => message.id);
    const [files, reactions] = await Promise.all([
      this.messages.files(ids, this.clock.nowSeconds()),
      this.reactions.summaries(ids, undefined, 0),
    ]);
    const filesOf = groupBy(files, ({ messageId }) => messageId);
    const reactionsOf = groupBy(reactions, ({ messageId }) => messageId);
    const messages = found.map(({ message, content }) => ({
      message,
      content,
      isByServer: this.serverAuthors.wrote(message.sessionId, content),
      files: filesOf.get(message.id) ?? [],
      reactions: reactionsOf.get(message.id) ?? [],
    }));
    return { messages, ...rest };
  }
}

interface Readable {
  message: AdminMessageRecord;
  content: MessageContent | undefined;
}

function matches(content: MessageContent | undefined, text: string | undefined): boolean {
  if (text === undefined) return true;
  const wanted = text.toLowerCase();
  const readable = [
    content?.body,
    content?.displayName,
    ...(content?.attachments ?? []).map((file) => file.fileName),
  ];
  return readable.some((one) => one?.toLowerCase().includes(wanted));
}
