import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { KNOWN_METRICS, TARGET_LABELS, TARGET_METRIC } from '../support/known-metrics.js';
import { PROJECT } from '../support/plaza-process.js';

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; legendFormat: string }[];
}

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const rules = (parse(read('k8s/rules/plaza.yaml')) as { groups: { name: string; rules: Rule[] }[] }).groups;
const dashboard = JSON.parse(read('k8s/dashboards/plaza.json')) as { uid: string; panels: Panel[] };

/** What is wrong with an expression: its syntax, or metrics and labels that there are none of. */
function complaintsAbout(expression: string): string[] {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const complaints: string[] = [];
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      const part = text.slice(node.from, node.to);
      if (node.type.isError) complaints.push(`${expression}: not understood at ${node.from}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') metrics.push(part);
      if (node.name === 'LabelName') labels.push(part);
    },
  });
  if (metrics.length === 0) complaints.push(`${expression}: names no metric`);
  const known = metrics.flatMap((metric) => KNOWN_METRICS[metric]?.labels ?? []);
  for (const metric of metrics)
    if (metric !== TARGET_METRIC && !Object.hasOwn(KNOWN_METRICS, metric))
      complaints.push(`${expression}: there is no ${metric}`);
  for (const label of labels)
    if (![...known, ...TARGET_LABELS].includes(label)) complaints.push(`${expression}: no label ${label}`);
  return complaints;
}

/** What would be wrong with the answer to an expression on a server where all is well, or beside another one. */
function misunderstandingsOf(expression: string, target: string): string[] {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const complaints: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, node }) => {
      if (name !== 'VectorSelector') return;
      const [metric = ''] = /^\w+/.exec(text.slice(node.from, node.to)) ?? [];
      const known = KNOWN_METRICS[metric];
      const around = operationsAround(node, text);
      if (!text.slice(node.from, node.to).includes(target)) complaints.push(`${metric}: of any community`);
      if (around.some((each) => each.startsWith('absent')) && metric !== TARGET_METRIC && !known?.atOnce)
        complaints.push(`${metric}: is also missing where nothing has happened yet`);
      if (known?.isShared && around.some((each) => each === 'sum' || each === 'avg'))
        complaints.push(`${metric}: counted once for each that tells it`);
      if (metric.endsWith('_total') && !around.some((each) => each === 'rate' || each === 'increase'))
        complaints.push(`${metric}: since the start`);
    },
  });
  return complaints;
}

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** Functions and aggregations, from within. */
function operationsAround(selector: SyntaxNode, text: string): string[] {
  const names: string[] = [];
  for (let node = selector.parent; node; node = node.parent)
    if (node.name === 'FunctionCall' || node.name === 'AggregateExpr')
      names.push(/^\w+/.exec(text.slice(node.from, node.to))![0]);
  return names;
}

describe('expressions', () => {
  it.each([
    'sum by (route) (rate(plaza_requests_total{status=~"5.."}[5m])',
    'rate(plaza_request_total[5m])',
    'sum by (room) (plaza_requests_total)',
    'plaza_jobs{user="x"}',
    '1 + 1',
  ])('like %s are refused', (expression) => expect(complaintsAbout(expression)).not.toEqual([]));

  it.each([
    'absent_over_time(plaza_requests_total{job="plaza"}[5m]) == 1',
    'sum by (queue) (plaza_jobs{job="plaza",state="waiting"}) > 100',
    'max by (queue) (plaza_jobs{state="waiting"}) > 100',
    'plaza_shed_total{job="plaza"} > 5',
    'absent(plaza_jobs{job="plaza"})',
  ])('like %s mislead', (expression) =>
    expect(misunderstandingsOf(expression, 'job="plaza"')).not.toEqual([]),
  );
});

describe('alert rules', () => {
  const alerts = rules.flatMap((group) => group.rules);

  it('are understood by Prometheus and ask for metrics that there are', () => {
    expect(alerts.flatMap(({ expr }) => complaintsAbout(expr))).toEqual([]);
  });

  it('say nothing where all is well, and nothing about other communities', () => {
    expect(alerts.flatMap(({ expr }) => misunderstandingsOf(expr, 'job="plaza"'))).toEqual([]);
  });

  it('ask for the labels that the targets have', () => {
    const compose = parse(read('deploy/prometheus/prometheus.yml')) as {
      scrape_configs: { job_name: string; relabel_configs: { target_label: string }[] }[];
    };
    expect(compose.scrape_configs).toMatchObject([
      {
        job_name: 'plaza',
        dns_sd_configs: [{ names: ['api', 'worker'] }],
        relabel_configs: [{ target_label: 'component' }],
      },
    ]);
    const page = /```yaml\n(scrape_configs:.*?)```/s.exec(read('docs/single-machine.md'))![1]!;
    expect(parse(page)).toMatchObject({
      scrape_configs: [
        {
          job_name: 'plaza',
          static_configs: [{ labels: { component: 'api' } }, { labels: { component: 'worker' } }],
        },
      ],
    });
    const components = alerts.flatMap(({ expr }) =>
      [...expr.matchAll(/component="(\w+)"/g)].map(([, name]) => name),
    );
    expect([...new Set(components)].sort()).toEqual(['api', 'worker']);
  });

  it('have what their schema wants, once each', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    for (const rule of alerts) {
      expect(Object.keys(rule).sort()).toEqual(['alert', 'annotations', 'expr', 'for', 'labels']);
      expect(rule.alert).toMatch(/^Plaza[A-Z][A-Za-z]+$/);
      expect(rule.for).toMatch(/^\d+[smh]$/);
      expect(rule.labels.severity).toMatch(/^(warning|critical)$/);
    }
  });

  it('say what to do, and stand in the page on troubles', () => {
    const page = read('docs/troubleshooting.md');
    for (const { alert, annotations } of alerts) {
      expect(annotations.summary).toMatch(/\w+ \w+/);
      expect(annotations.runbook!.length).toBeGreaterThan(40);
      expect([alert, page.includes(alert)]).toEqual([alert, true]);
    }
  });
});

describe('the dashboard', () => {
  it('asks for metrics that there are, and for every one of them', () => {
    const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.flatMap(complaintsAbout)).toEqual([]);
    expect(expressions.flatMap((each) => misunderstandingsOf(each, 'job=~"$job"'))).toEqual([]);
    const missing = Object.keys(KNOWN_METRICS).filter(
      (name) => !expressions.some((each) => each.includes(name)),
    );
    expect(missing).toEqual([]);
  });

  it('has panels beside and not upon each other', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});
