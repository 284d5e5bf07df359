import type { HttpAnswer } from '../session-client.js';
import { overload } from './busy-machine.js';

/**
 * Acknowledged: it happened, and stays. Refused: it did not happen. Unknown: the answer was lost, or was a 503, which
 * also tells that a commit was not answered; it may have happened, once.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export interface Attempt<Answer> {
  outcome: Outcome;
  /** Undefined when the connection broke. */
  answer: Answer | undefined;
}

/** Every request is answered, or its connection closed, within this, on a machine that can keep up. */
export const ANSWER_MS_MAX = 15_000;
const COMPLAINTS_MAX = 20;
const LOSSES_MAX = 100;

/** What became of every operation of a load, and what about the answers was not as it should be. */
export class Ledger {
  readonly complaints: string[] = [];
  readonly counts: Record<Outcome, number> = { acknowledged: 0, refused: 0, unknown: 0 };
  /** How often operations of a kind were not acknowledged, with what was said instead. */
  readonly losses = new Map<string, number>();
  slowestMs = 0;
  /** By actor: when the operation began that was acknowledged last, in milliseconds of `performance.now()`. */
  private readonly lastGood = new Map<string, number>();

  /** Asks once. Whatever is neither 2xx nor 503 nor a broken connection is a complaint. */
  async attempt<Answer extends HttpAnswer>(
    actor: string,
    what: string,
    ask: () => Promise<Answer>,
  ): Promise<Attempt<Answer>> {
    const began = performance.now();
    let answer: Answer | undefined;
    let broken = '';
    try {
      answer = await ask();
    } catch (error) {
      const { message } = error as Error;
      broken = message;
      if (message.startsWith('no answer')) this.complain(`${what}: ${message}`);
    }
    const ms = performance.now() - began;
    this.slowestMs = Math.max(this.slowestMs, ms);
    if (ms > ANSWER_MS_MAX * overload(began)) this.complain(`${what} by ${actor} took ${Math.round(ms)} ms`);
    const outcome = this.outcomeOf(what, answer);
    this.counts[outcome]++;
    if (outcome === 'acknowledged') this.lastGood.set(actor, began);
    else this.lose(`${what}: ${answer ? `${answer.status} ${answer.body}` : broken}`);
    return { outcome, answer };
  }

  /** Actors without an acknowledged operation that began after that moment. */
  waitingSince(actors: readonly string[], moment: number): string[] {
    return actors.filter((actor) => (this.lastGood.get(actor) ?? -Infinity) < moment);
  }

  complain(text: string): void {
    if (this.complaints.length < COMPLAINTS_MAX) this.complaints.push(text);
  }

  private lose(loss: string): void {
    if (this.losses.size < LOSSES_MAX) this.losses.set(loss, (this.losses.get(loss) ?? 0) + 1);
  }

  private outcomeOf(what: string, answer: HttpAnswer | undefined): Outcome {
    if (!answer) return 'unknown';
    const { status, headers, body } = answer;
    if (status >= 200 && status < 300) return 'acknowledged';
    if (status === 503) {
      if (!(Number(headers['retry-after']) > 0)) this.complain(`${what}: a 503 without Retry-After: ${body}`);
      return 'unknown';
    }
    this.complain(`${what} was answered ${status} ${body}`);
    return status < 500 ? 'refused' : 'unknown';
  }
}
