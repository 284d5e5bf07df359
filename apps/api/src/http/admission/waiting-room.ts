import type { ServerResponse } from 'node:http';

const WAIT_MS = 1_000;
const WAITING_MAX = 1_024;
const LOOK_EVERY_MS = 20;

export interface Waiting {
  /** What it will cost. */
  units: number;
  pass(): void;
  refuse(): void;
}

/** First come, first served. */
class Line {
  readonly waiting = new Map<ServerResponse, Waiting & { sinceMs: number }>();
  servedUnits = 0;
}

/**
 * Where requests wait until there is something to spare for them; nothing of their bodies is read meanwhile. Short and
 * long ones stand in two lines that get the same share of it, so that neither waits for all of the other. Whoever has
 * waited for a second is refused; so is whoever finds the room full. That refusals come late is on purpose: who sends
 * again at once after each would otherwise come back at once.
 */
export class WaitingRoom {
  private readonly short = new Line();
  private readonly long = new Line();
  private looking: NodeJS.Timeout | undefined;

  constructor(private readonly mayPass: () => boolean) {}

  add(response: ServerResponse, { units, pass, refuse }: Waiting): void {
    if (this.short.waiting.size + this.long.waiting.size >= WAITING_MAX) return refuse();
    const [line, other] = units <= 1 ? [this.short, this.long] : [this.long, this.short];
    // A share that nobody wanted is not saved up.
    if (line.waiting.size === 0) line.servedUnits = Math.max(line.servedUnits, other.servedUnits);
    line.waiting.set(response, { units, pass, refuse, sinceMs: performance.now() });
    response.on('close', () => line.waiting.delete(response));
    this.looking ??= setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.looking);
    this.looking = undefined;
    for (const line of [this.short, this.long])
      for (const response of line.waiting.keys()) this.end(line, response, 'refuse');
  }

  private look(): void {
    while (this.mayPass() && this.passNext());
    const refusedSince = performance.now() - WAIT_MS;
    for (const line of [this.short, this.long])
      for (const [response, { sinceMs }] of line.waiting) {
        if (sinceMs > refusedSince) break;
        this.end(line, response, 'refuse');
      }
    if (this.short.waiting.size + this.long.waiting.size > 0) return;
    clearInterval(this.looking);
    this.looking = undefined;
  }

  /** False when nobody waits. */
  private passNext(): boolean {
    const lines = [this.short, this.long].filter(({ waiting }) => waiting.size > 0);
    const [line] = lines.sort((one, other) => one.servedUnits - other.servedUnits);
    if (!line) return false;
    const [response, { units }] = line.waiting.entries().next().value!;
    line.servedUnits += units;
    this.end(line, response, 'pass');
    return true;
  }

  private end(line: Line, response: ServerResponse, outcome: 'pass' | 'refuse'): void {
    const waiting = line.waiting.get(response);
    line.waiting.delete(response);
    waiting?.[outcome]();
  }
}
