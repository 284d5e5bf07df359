export interface StreamEvent {
  event: string;
  data: string;
}

/** Longer than any event of ours; a stream that goes on without an end of line is not one. */
const PENDING_LENGTH_MAX = 65_536;

/**
 * Reads server-sent events (HTML standard, "Server-sent events") from pieces of text as they come. Comments, ids and
 * retry times are passed over. (EventSource itself cannot send the header that a token needs.)
 */
export class EventStreamReader {
  private pending = '';
  private event = '';
  private data: string[] = [];

  /** The events that are complete with this piece. */
  push(piece: string): StreamEvent[] {
    this.pending += piece;
    if (this.pending.length > PENDING_LENGTH_MAX) throw new Error('This is no stream of events.');
    const found: StreamEvent[] = [];
    const lines = this.pending.split(/\r\n|\n|\r(?!$)/);
    this.pending = lines.pop()!;
    for (const line of lines) {
      const event = this.take(line);
      if (event) found.push(event);
    }
    return found;
  }

  private take(line: string): StreamEvent | undefined {
    if (line === '') return this.finish();
    const [, name = '', value = ''] = /^([^:]*)(?::\s?([^]*))?$/.exec(line) ?? [];
    if (name === 'event') this.event = value;
    if (name === 'data') this.data.push(value);
    return undefined;
  }

  private finish(): StreamEvent | undefined {
    const event = { event: this.event === '' ? 'message' : this.event, data: this.data.join('\n') };
    const isEmpty = this.data.length === 0;
    this.event = '';
    this.data = [];
    return isEmpty ? undefined : event;
  }
}
