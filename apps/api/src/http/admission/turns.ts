import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HeldConnections } from './held-connections.js';

/** Clients and proxies send nothing before they have an answer; tools that do so send a few requests at a time. */
const WAITING_MAX = 7;

/** Properties rather than WeakMaps, since every request looks at them. */
const TURN = Symbol('turn');
const WAITING = Symbol('waiting');
type Tracked = Socket & { [TURN]?: number; [WAITING]?: number };

/**
 * Of each connection one request begins per turn of the event loop, and none before those ahead of it are answered. So
 * whoever sends without waiting for answers gets no more done than whoever waits. What arrives in one piece is parsed
 * in one go, which may be a thousand requests, and most are answered meanwhile: Node runs what is due between them.
 */
export class Turns {
  private turn = 0;
  private isCounting = false;
  private readonly held = new HeldConnections();

  /** Whether it may begin now: the first of its connection in this turn, and none before it waits for its answer. */
  isFirst({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (!this.isCounting) {
      this.isCounting = true;
      setImmediate(this.endTurn);
    }
    const tracked = socket as Tracked;
    if (!response.socket || tracked[TURN] === this.turn) return false;
    tracked[TURN] = this.turn;
    return true;
  }

  /** Calls `begin` when its turn has come, or never. Of who sends too many nothing more is read. */
  wait({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const tracked = socket as Tracked;
    const waiting = tracked[WAITING] ?? 0;
    if (waiting >= WAITING_MAX || this.held.has(socket)) return this.held.hold(socket);
    tracked[WAITING] = waiting + 1;
    const beginNextTurn = (): void =>
      void setImmediate(() => {
        tracked[WAITING]!--;
        if (!response.closed) begin();
      });
    if (response.socket) beginNextTurn();
    else response.once('socket', beginNextTurn);
  }

  close(): void {
    this.held.close();
  }

  private readonly endTurn = (): void => {
    this.turn++;
    this.isCounting = false;
  };
}
