import { MemberTotals, type MetricValues } from './member-totals.js';
import { Metrics } from './metrics.js';

const metric = (name: string, type: string, value: number, aggregator = 'sum'): MetricValues => ({
  name,
  help: 'For a test',
  type,
  aggregator,
  values: [{ value, labels: { route: 'GET /rooms' } }],
});
const ALL = new Set([1, 2, 3]);

describe('the metrics of several processes', () => {
  let totals: MemberTotals;
  beforeEach(() => (totals = new MemberTotals()));

  const lines = async (current: ReadonlySet<number> = ALL): Promise<string[]> =>
    (await totals.text(current)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('are added up, or what their kind wants', async () => {
    for (const member of [1, 2])
      totals.told(member, [metric('a_total', 'counter', member), metric('lag', 'gauge', member, 'max')]);
    expect(await lines()).toEqual(['a_total{route="GET /rooms"} 3', 'lag{route="GET /rooms"} 2']);
  });

  it('hold what ended processes counted, and nothing else of them', async () => {
    for (const member of [1, 2, 3]) {
      totals.told(member, [metric('a_total', 'counter', 30), metric('pool', 'gauge', 5)]);
      if (member < 3) totals.memberEnded(member);
    }
    totals.memberEnded(1);
    totals.memberEnded(7);
    expect(totals.members).toEqual([3]);
    expect(await lines()).toEqual(['a_total{route="GET /rooms"} 90', 'pool{route="GET /rooms"} 5']);
  });

  it('do not grow with the number of processes that ended', async () => {
    for (let member = 0; member < 100; member++) {
      totals.told(member, [metric('a_total', 'counter', 1)]);
      totals.memberEnded(member);
    }
    expect(await lines()).toEqual(['a_total{route="GET /rooms"} 100']);
  });

  it('hold only what was counted of a process that does not answer', async () => {
    for (const member of [1, 2])
      totals.told(member, [metric('a_total', 'counter', 1), metric('pool', 'gauge', 5)]);
    expect(await lines(new Set([2]))).toEqual([
      'a_total{route="GET /rooms"} 2',
      'pool{route="GET /rooms"} 5',
    ]);
  });

  it('are those that prom-client tells: durations go on, and the slowest and largest process stands for all', async () => {
    const processes = [1, 2].map((member) => ({ member, metrics: new Metrics() }));
    for (const { member, metrics } of processes) {
      metrics.requestTook('GET /rooms', 0.002);
      const values = JSON.parse(JSON.stringify(await metrics.values())) as MetricValues[];
      totals.told(
        member,
        values.map((each) =>
          /lag_p99|memory_bytes_max/.test(each.name)
            ? { ...each, values: [{ value: member, labels: {} }] }
            : each,
        ),
      );
    }
    expect(await lines()).toContain('plaza_process_memory_bytes_max 2');
    expect(await lines()).toContain('nodejs_eventloop_lag_p99_seconds 2');
    totals.memberEnded(1);
    totals.memberEnded(2);
    expect(await lines()).toContain('plaza_request_duration_seconds_count{route="GET /rooms"} 2');
  });
});
