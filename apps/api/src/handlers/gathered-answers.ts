import { errorResponse, textResponse, type WireResponse } from '../../../../libs/protocol/wire.js';
import { noRoom, SMALL_BYTES_MAX, type HeldBytes } from '../held-bytes.js';

/**
 * The answers of a batch while it runs: together not larger than they may be (500 downloads of 10 MB are 6 GB), and
 * counted among what is in memory.
 */
export class GatheredAnswers {
  readonly answers: WireResponse[] = [];
  private bytes = 0;
  private taken = 0;

  constructor(
    private readonly held: HeldBytes,
    private readonly bytesMax: number,
  ) {}

  /** Runs one more part, if its answer can still be taken. */
  async add(run: () => Promise<WireResponse>): Promise<WireResponse> {
    const answer = this.bytes >= this.bytesMax ? TOO_LARGE : this.kept(await run());
    this.bytes += answer.body.length;
    this.answers.push(answer);
    return answer;
  }

  /** They are joined, or thrown away. */
  release(): void {
    this.held.give(this.taken);
    this.taken = 0;
  }

  /** What is small goes uncounted once in a batch, not once in every part: hundreds of small answers are large. */
  private kept(answer: WireResponse): WireResponse {
    const uncounted = this.bytes + answer.body.length - this.taken;
    if (uncounted <= SMALL_BYTES_MAX) return answer;
    if (!this.held.take(uncounted)) return errorResponse(noRoom());
    this.taken += uncounted;
    return answer;
  }
}

const TOO_LARGE = textResponse(413, 'The answers of this batch are too large together');
