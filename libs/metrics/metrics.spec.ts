import { listenForMetrics, Metrics } from './metrics.js';
import { Tally } from './tally.js';

const LINE =
  /^(?:# (?:HELP|TYPE) .+|[a-zA-Z_:][\w:]*(?:\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*")*\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|Nan|[-+]Inf))$/;

const tally = new Tally('plaza_test_total', 'For a test', ['route', 'status']);
let metrics: Metrics;
beforeEach(() => (metrics = new Metrics()));

const linesOf = async (name: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(name));

describe('metrics', () => {
  it('are lines as Prometheus reads them', async () => {
    tally.add('GET /a "quoted"\nline', '200');
    const lines = (await metrics.text()).trim().split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
  });

  it('hold tallies, read anew each time', async () => {
    tally.add('GET /rooms', '404');
    tally.add('GET /rooms', '404');
    expect(await linesOf('plaza_test_total')).toContain(
      'plaza_test_total{route="GET /rooms",status="404"} 2',
    );
    tally.add('GET /rooms', '404');
    expect(await linesOf('plaza_test_total')).toContain(
      'plaza_test_total{route="GET /rooms",status="404"} 3',
    );
  });

  it('hold gauges as they are now, and nothing of those that have nothing to tell or fail', async () => {
    let values: { labels: string[]; value: number }[] = [{ labels: ['idle'], value: 3 }];
    metrics.gauge({ name: 'test_pool', help: 'x', labelNames: ['state'], read: () => values });
    metrics.gauge({ name: 'test_absent', help: 'x', read: () => [] });
    metrics.gauge({ name: 'test_failing', help: 'x', read: () => Promise.reject(new Error('away')) });
    expect(await linesOf('test_')).toEqual(['test_pool{state="idle"} 3']);
    values = [{ labels: ['total'], value: 4 }];
    expect(await linesOf('test_')).toEqual(['test_pool{state="total"} 4']);
  });

  it('hold how long requests took, by route', async () => {
    metrics.requestTook('GET /rooms', 0.002);
    metrics.requestTook('GET /rooms', 0.2);
    const lines = await linesOf('plaza_request_duration_seconds');
    expect(lines).toContain('plaza_request_duration_seconds_bucket{le="0.0025",route="GET /rooms"} 1');
    expect(lines).toContain('plaza_request_duration_seconds_count{route="GET /rooms"} 2');
  });

  it('are served at /metrics alone', async () => {
    const endpoint = await listenForMetrics({ host: '127.0.0.1', port: 0 }, () => metrics.text());
    try {
      const at = (path: string, init?: RequestInit) =>
        fetch(`http://127.0.0.1:${endpoint.port}${path}`, init);
      const answer = await at('/metrics');
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(await answer.text()).toContain('process_cpu_seconds_total');
      expect((await at('/')).status).toBe(404);
      expect((await at('/__proto__')).status).toBe(404);
      expect((await at('/metrics', { method: 'POST' })).status).toBe(405);
    } finally {
      endpoint.close();
    }
  });
});
