import type { Socket } from 'node:net';
import { SHED } from './shed.js';

const HOLD_MS = 5_000;
const HELD_MAX = 1_024;

/** With it Node's parser stops in the middle of what it was given, and says so to `clientError` by this code. */
const STOP = -1;
export const STOPPED_CODE = 'HPE_CB_HEADERS_COMPLETE';

/** The part of Node's parser that is told of each request. It is no documented interface; nothing breaks without it. */
interface StoppableParser {
  onIncoming: () => number;
}

/**
 * Connections over which nothing more is read, and which end after a while. Who writes without waiting for answers
 * would come back at once, with another piece full of requests to parse, if the connection ended at once. Such a piece
 * is 64 KiB, which may be three thousand requests: those that come after are not even parsed.
 */
export class HeldConnections {
  private readonly ends = new Map<Socket, NodeJS.Timeout>();

  has(socket: Socket): boolean {
    return this.ends.has(socket);
  }

  /** Beyond the bound the connection ends now. */
  hold(socket: Socket): void {
    if (socket.destroyed || this.ends.has(socket)) return;
    SHED.add('pipelined');
    const { parser } = socket as Socket & { parser?: StoppableParser | null };
    if (parser) parser.onIncoming = () => STOP;
    if (this.ends.size >= HELD_MAX) return void socket.destroy();
    const end = setTimeout(() => socket.destroy(), HOLD_MS).unref();
    this.ends.set(socket, end);
    socket.once('close', () => {
      clearTimeout(end);
      this.ends.delete(socket);
    });
    socket.on('resume', () => socket.pause()); // whoever is answered meanwhile would have the next request read
    socket.pause();
  }

  close(): void {
    for (const socket of this.ends.keys()) socket.destroy();
  }
}
