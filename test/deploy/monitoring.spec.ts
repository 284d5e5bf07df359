import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { KNOWN_METRICS, TARGET_LABELS } from '../support/known-metrics.js';
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
  const known = metrics.flatMap((metric) => KNOWN_METRICS[metric] ?? []);
  for (const metric of metrics)
    if (!Object.hasOwn(KNOWN_METRICS, metric)) complaints.push(`${expression}: there is no ${metric}`);
  for (const label of labels)
    if (![...known, ...TARGET_LABELS].includes(label)) complaints.push(`${expression}: no label ${label}`);
  return complaints;
}

describe('expressions', () => {
  it.each([
    'sum by (route) (rate(plaza_requests_total{status=~"5.."}[5m])',
    'rate(plaza_request_total[5m])',
    'sum by (room) (plaza_requests_total)',
    'plaza_jobs{user="x"}',
    '1 + 1',
  ])('like %s are refused', (expression) => expect(complaintsAbout(expression)).not.toEqual([]));
});

describe('alert rules', () => {
  const alerts = rules.flatMap((group) => group.rules);

  it('are understood by Prometheus and ask for metrics that there are', () => {
    expect(alerts.flatMap(({ expr }) => complaintsAbout(expr))).toEqual([]);
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
