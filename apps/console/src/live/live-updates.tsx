import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { EventStreamReader, type StreamEvent } from '../api/event-stream.js';
import { API, authHeaders } from '../api/request.js';
import { changedBy } from './changed-by.js';

export type LiveState = 'connecting' | 'live' | 'broken';

const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;
/** The server says something every 15 s; a connection that says nothing for longer is dead. */
const SILENCE_MS_MAX = 40_000;
/** Many changes in a moment are looked up once. */
const GATHERED_FOR_MS = 250;

const LiveContext = createContext<LiveState>('connecting');

export const useLiveState = (): LiveState => use(LiveContext);

/** Keeps one stream of events open and has everything that changed looked up again. */
export function LiveUpdates({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const stop = new AbortController();
    void listen(client, setState, stop.signal);
    // A connection falls silent for long before it is given up; the browser knows sooner.
    const goOffline = (): void => setState('broken');
    window.addEventListener('offline', goOffline);
    return () => {
      window.removeEventListener('offline', goOffline);
      stop.abort();
    };
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

async function listen(
  client: QueryClient,
  tell: (state: LiveState) => void,
  signal: AbortSignal,
): Promise<void> {
  const gathered = new GatheredChanges(client);
  for (let pause = PAUSE_MS_MIN; !signal.aborted; pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
    const connection = new Connection(signal);
    try {
      await connection.read(
        (events) => {
          pause = PAUSE_MS_MIN;
          events.forEach((event) => gathered.add(event));
        },
        () => {
          tell('live');
          // Whatever happened while nobody listened.
          void client.invalidateQueries({
            type: 'active',
            predicate: ({ queryKey }) => queryKey[0] !== 'session',
          });
        },
      );
    } catch {
      // Said by the state; the next attempt follows.
    }
    if (signal.aborted) return;
    tell('broken');
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** One attempt, given up when it falls silent. */
class Connection {
  private readonly abort = new AbortController();
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.abort.abort(), { once: true, signal: this.abort.signal });
  }

  async read(take: (events: StreamEvent[]) => void, onOpen: () => void): Promise<void> {
    try {
      const response = await fetch(`${API}/events`, {
        headers: { ...authHeaders('GET'), accept: 'text/event-stream' },
        signal: this.abort.signal,
        cache: 'no-store',
      });
      if (!response.ok || !response.body) return;
      onOpen();
      const events = new EventStreamReader();
      const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        this.expectMore();
        const { done, value } = await text.read();
        if (done) return;
        take(events.push(value));
      }
    } finally {
      clearTimeout(this.silence);
      this.abort.abort();
    }
  }

  private expectMore(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.abort.abort(), SILENCE_MS_MAX);
  }
}

class GatheredChanges {
  private readonly keys = new Map<string, readonly string[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  add(event: StreamEvent): void {
    for (const key of changedBy(event)) this.keys.set(key.join('\n'), key);
    this.timer ??= setTimeout(() => this.flush(), GATHERED_FOR_MS);
  }

  private flush(): void {
    this.timer = undefined;
    for (const queryKey of this.keys.values()) void this.client.invalidateQueries({ queryKey });
    this.keys.clear();
  }
}
