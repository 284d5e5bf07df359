import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FailureBudget } from './failure-budget.js';
import type { ProvenAddresses } from './proven-addresses.js';
import { WaitingRoom } from './waiting-room.js';

const UNIT_BYTES = 16 * 1024;
const UNITS_MAX = 200;

/** What is known of a connection. */
interface Standing {
  /** The last onion that came over it could be opened. */
  isProven: boolean;
  /** Charged for what is under way. */
  charged: number;
}

/**
 * Whose onions are opened. Opening one is what costs, and whether it was worth it shows only then. So:
 * - a connection whose last onion could be opened is proven, and passes whatever happens to others;
 * - all others are charged beforehand, and given back what did not fail;
 * - failures beyond a budget are answered late, so that who waits for answers sends no more of them;
 * - when the budget is spent all the same, unproven connections wait a second for their turn, and then for a 503.
 */
export class OnionAdmission {
  private readonly standings = new WeakMap<Socket, Standing>();
  private readonly room: WaitingRoom;

  constructor(
    private readonly budget: FailureBudget,
    private readonly addresses: ProvenAddresses,
  ) {
    this.room = new WaitingRoom(() => !budget.isSpent);
  }

  /** Calls `pass` now, later or never; `refuse` if never, unless the client has gone. */
  enter(
    request: IncomingMessage,
    response: ServerResponse,
    bodyBytes: number,
    outcome: { pass: () => void; refuse: () => void },
  ): void {
    const standing = this.standingOf(request.socket);
    if (standing.isProven) return outcome.pass();
    const units = unitsOf(bodyBytes);
    const pass = (): void => {
      standing.charged += units;
      this.budget.charge(units);
      outcome.pass();
    };
    if (!this.budget.isSpent || this.addresses.isProven(request.socket.remoteAddress)) pass();
    else this.room.add(response, { units, pass, refuse: outcome.refuse });
  }

  /** It could be opened. */
  opened({ socket }: IncomingMessage): void {
    const standing = this.standingOf(socket);
    if (standing.isProven) return;
    standing.isProven = true;
    this.budget.refund(standing.charged);
    standing.charged = 0;
    this.addresses.opened(socket.remoteAddress);
  }

  /** It could not; returns after how many milliseconds to say so. */
  failed({ socket }: IncomingMessage, bodyBytes: number): number {
    const standing = this.standingOf(socket);
    const units = unitsOf(bodyBytes);
    if (standing.charged >= units) standing.charged -= units;
    else this.budget.charge(units);
    standing.isProven = false;
    this.addresses.failed(socket.remoteAddress);
    return this.budget.delayMs;
  }

  close(): void {
    this.room.close();
  }

  private standingOf(socket: Socket): Standing {
    const known = this.standings.get(socket);
    if (known) return known;
    const standing = { isProven: false, charged: 0 };
    this.standings.set(socket, standing);
    return standing;
  }
}

/**
 * Reading and decrypting a long one costs more, about as much as a short one per 16 KiB. The largest uploads are not
 * charged in full, so that a few that arrive together do not use the budget up.
 */
const unitsOf = (bytes: number): number => Math.min(1 + Math.floor(bytes / UNIT_BYTES), UNITS_MAX);
