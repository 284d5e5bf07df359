import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  AdminEventsService,
  type AdminEvent,
} from '../../../../libs/community/admin/admin-events.service.js';
import { hasAnywhere, roleIn, type Principal } from '../../../../libs/community/admin/principal.js';
import { flightOf } from '../http/admission/flights.js';
import type { AdminReply, Asked } from './exchange.js';
import { ProblemError } from './problem.js';

const HEARTBEAT_MS = 15_000;
const STREAMS_PER_PRINCIPAL_MAX = 10;
const STREAMS_MAX = 1_000;
/** A reader that takes nothing is let go; it comes back and looks at everything. */
const UNSENT_BYTES_MAX = 256 * 1024;
/** Whoever listens signs anew, or shows the token. */
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
  start(reply: AdminReply, { principal, again }: Asked, roomId: number | undefined): void {
    let listener = principal;
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
    // Nothing that is written would be sent, not even the headers, and the client would wait for half an hour.
    if (raw.req.method === 'HEAD') return void raw.end();
    flightOf(raw)?.rest(); // nothing is worked on: streams have a bound of their own
    const write = (text: string): void => {
      if (raw.writableLength > UNSENT_BYTES_MAX) raw.destroy();
      else raw.write(text);
    };
    const stopListening = this.events.listen((event) => {
      if (mayKnow(listener, event, roomId))
        write(`event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
    });
    const stream = { key: principal.key, end: () => void raw.end() };
    const look = async (): Promise<void> => {
      const now = await again();
      if (!now || !hasAnywhere(now, 'viewer')) return stream.end();
      listener = now;
      write(': still here\n\n');
    };
    const heartbeat = setInterval(() => void look().catch(stream.end), HEARTBEAT_MS);
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
