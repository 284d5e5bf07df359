import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  AdminEventsService,
  type AdminEvent,
} from '../../../../libs/community/admin/admin-events.service.js';
import { roleIn, type Principal } from '../../../../libs/community/admin/principal.js';
import type { AdminReply } from './exchange.js';
import { ProblemError } from './problem.js';

const HEARTBEAT_MS = 15_000;
const STREAMS_PER_PRINCIPAL_MAX = 10;
const STREAMS_MAX = 1_000;
/** A reader that takes nothing is let go; it comes back and looks at everything. */
const UNSENT_BYTES_MAX = 256 * 1024;
/** Roles may have changed: whoever listens is asked again who they are. */
const LIFE_MS = 30 * 60_000;

interface Stream {
  key: string;
  end(): void;
}

/** Server-sent events that are open in this process. */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly open = new Set<Stream>();

  constructor(private readonly events: AdminEventsService) {}

  /** Answers with a stream of what this principal may know of; `roomId`: of one room alone. Throws 429. */
  start(reply: AdminReply, principal: Principal, roomId: number | undefined): void {
    const own = [...this.open].filter(({ key }) => key === principal.key).length;
    if (own >= STREAMS_PER_PRINCIPAL_MAX || this.open.size >= STREAMS_MAX)
      throw new ProblemError('rate-limited', 'Too many streams of events are open');
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
      connection: 'close', // nothing else comes over it, so that a server that stops need not wait for it to rest
    });
    const write = (text: string): void => {
      if (raw.writableLength > UNSENT_BYTES_MAX) raw.destroy();
      else raw.write(text);
    };
    const stopListening = this.events.listen((event) => {
      if (mayKnow(principal, event, roomId))
        write(`event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
    });
    const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
    const stream = { key: principal.key, end: () => void raw.end() };
    const life = setTimeout(stream.end, LIFE_MS);
    this.open.add(stream);
    raw.once('close', () => {
      clearInterval(heartbeat);
      clearTimeout(life);
      stopListening();
      this.open.delete(stream);
    });
    write(': welcome\n\n');
  }

  /** Before the server waits for what is under way, which a stream is for ever. */
  onModuleDestroy(): void {
    for (const stream of this.open) stream.end();
  }
}

function mayKnow(principal: Principal, event: AdminEvent, roomId: number | undefined): boolean {
  if ('roomId' in event)
    return roleIn(principal, event.roomId) !== undefined && (roomId ?? event.roomId) === event.roomId;
  return event.event !== 'jobs' || principal.global !== undefined;
}
