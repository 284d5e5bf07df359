import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isSettingName } from '../../libs/config/settings.js';
import { claimedBy, GATEWAY, one, podOf, PRODUCTION, settingsOf, TRY } from '../support/chart-objects.js';
import { CHART, describeWithHelm, render, runHelm, valueArguments, type Rendered } from '../support/helm.js';
import { complaintsAbout } from '../support/kubernetes-types.js';

jest.setTimeout(300_000);

const EXAMPLES = readdirSync(join(CHART, 'examples')).map((name) => join(CHART, 'examples', name));
/** Beyond the examples: what they leave out. */
const VARIANTS: [name: string, ...values: string[]][] = [
  ['production without a worker of its own', PRODUCTION, 'worker={"enabled":false}'],
  [
    'production by role, without policies',
    PRODUCTION,
    'files.s3.existingSecret=""',
    'networkPolicy.enabled=false',
  ],
  [
    'production with more secrets',
    PRODUCTION,
    'settingsSecrets=["more"]',
    'image.pullSecrets=[{"name":"pull"}]',
  ],
  [
    'production on chosen nodes',
    PRODUCTION,
    'api.nodeSelector={"disk":"ssd"}',
    'worker.tolerations=[{"key":"a","operator":"Exists"}]',
    'worker.affinity={"nodeAffinity":{}}',
    'api.podAnnotations={"a":"b"}',
    'serviceAccount.annotations={"role":"arn"}',
    'service={"type":"LoadBalancer","annotations":{"a":"b"}}',
  ],
  [
    'a trial with a worker and a claim',
    TRY,
    'files={"kind":"s3","s3":{"url":"s3://b/p"}}',
    'worker.enabled=true',
  ],
  [
    'production with an authority and volumes of its own',
    PRODUCTION,
    'trustedCa.existingSecret="plaza-ca"',
    'extraVolumes=[{"name":"words","configMap":{"name":"words"}}]',
    'extraVolumeMounts=[{"name":"words","mountPath":"/etc/words"}]',
    'settings={"WORD_LIST_FILE":"/etc/words/en.txt"}',
  ],
  ['production with backups', PRODUCTION, 'backup={"enabled":true,"passphraseSecret":"phrase"}'],
  ['a trial with backups', TRY, 'backup={"enabled":true,"existingClaim":"elsewhere"}'],
  ['production that is restored', PRODUCTION, 'backup.restore="plaza-2026.plaza-backup"'],
  ['a trial that is restored', TRY, 'backup.restore="plaza-2026.plaza-backup"'],
  ['a volume that is there', GATEWAY, 'files.pvc.existingClaim="mine"', 'migrate.enabled=false'],
];
const ALL = [...EXAMPLES.map((file): [string, ...string[]] => [file.split('/').at(-1)!, file]), ...VARIANTS];

describeWithHelm('the chart', () => {
  it.each(ALL)('passes lint: %s', async (_, ...values) => {
    const { code, output } = await runHelm('lint', '--strict', CHART, ...valueArguments(values));
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('0 chart(s) failed') as string,
    });
  });

  it('can be packed', async () => {
    const { code } = await runHelm(
      'package',
      CHART,
      '--destination',
      join(CHART, '..', 'node_modules', '.cache'),
    );
    expect(code).toBe(0);
  });

  it.each(ALL)('makes objects that Kubernetes knows, each once: %s', async (_, ...values) => {
    const objects = await render(...values);
    expect(objects.length).toBeGreaterThan(8);
    expect(objects.flatMap(complaintsAbout)).toEqual([]);
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it.each(ALL)('lets pods do little, watches over them and bounds them: %s', async (_, ...values) => {
    for (const object of await render(...values)) {
      const pod = podOf(object);
      if (!pod) continue;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.limits?.memory).toMatch(/^\d+Mi$/);
        expect(container.image).toMatch(/:[\w.-]+$/);
        expect(container.image).not.toMatch(/:latest$/);
        if (object.kind === 'Deployment' || object.kind === 'StatefulSet')
          expect([container.name, Object.keys(container)]).toEqual([
            container.name,
            expect.arrayContaining(['livenessProbe', 'readinessProbe']) as string[],
          ]);
      }
    }
  });

  it.each(ALL)(
    'mounts volumes that there are, and Secrets that are made or named: %s',
    async (_, ...values) => {
      const objects = await render(...values);
      const made = objects.filter(({ kind }) => kind === 'Secret');
      for (const object of objects) {
        const pod = podOf(object);
        if (!pod) continue;
        const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...claimedBy(object)];
        const mounted = pod.containers.flatMap((each) => (each.volumeMounts ?? []).map(({ name }) => name));
        expect([...new Set(mounted)].sort()).toEqual([...volumes].sort());
        for (const { secret } of pod.volumes ?? []) {
          const own = made.find(({ metadata }) => metadata.name === secret?.secretName);
          if (
            !secret?.secretName.startsWith('plaza-') ||
            /^plaza-(server-key|database|redis|s3|ca)$/.test(secret.secretName)
          )
            continue;
          expect([secret.secretName, own !== undefined]).toEqual([secret.secretName, true]);
          for (const { key } of secret.items ?? []) expect(Object.keys(own!.data as object)).toContain(key);
        }
      }
    },
  );

  it.each(ALL)('names settings that there are, and no secret among them: %s', async (_, ...values) => {
    const settings = settingsOf(await render(...values));
    for (const [name, value] of Object.entries(settings)) {
      expect([name, isSettingName(name)]).toEqual([name, true]);
      expect([name, /(PASSWORD|SECRET_ACCESS_KEY|ACCESS_KEY_ID|TOKEN)$/.test(name)]).toEqual([name, false]);
      expect([name, /:\/\/[^/@]*:[^/@]*@/.test(value)]).toEqual([name, false]);
    }
  });

  it('keeps passwords in Secrets alone', async () => {
    for (const object of await render(GATEWAY, 'database.password="hunter2"', 'redis.password="hunter3"')) {
      const text = JSON.stringify(object);
      expect([object.kind, /hunter[23]/.test(text)]).toEqual([object.kind, false]);
      const holds = text.includes(Buffer.from('hunter2').toString('base64'));
      if (holds) expect(object.kind).toBe('Secret');
    }
  });

  it('makes a key of 32 bytes that stays and cannot be changed', async () => {
    const [first, second] = await Promise.all([render(TRY), render(TRY)]);
    const keys = [first, second].map((objects) => one(objects!, 'Secret', 'plaza-key'));
    for (const { data, immutable, metadata } of keys) {
      expect(Buffer.from((data as { key_x25519: string }).key_x25519, 'base64')).toHaveLength(32);
      expect(immutable).toBe(true);
      expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
    }
    expect(keys[0]!.data).not.toEqual(keys[1]!.data);
    expect((await render(PRODUCTION)).filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it.each([
    ['http://collector:4318', 4318],
    ['https://collector.example.org/otlp', 443],
    ['http://collector', 80],
  ])('sends traces to %s, through port %d', async (url, port) => {
    const rendered = await render(PRODUCTION, `tracing.url="${url}"`, 'tracing.ratio=0.5');
    expect(settingsOf(rendered)).toMatchObject({ TRACING_URL: url, TRACING_RATIO: '0.5' });
    for (const part of ['api', 'worker']) {
      const policy = one(rendered, 'NetworkPolicy', `plaza-${part}`);
      const ports = (policy.spec as { egress: { ports: { port: number }[] }[] }).egress.flatMap(
        ({ ports }) => ports,
      );
      expect(ports).toContainEqual({ port });
    }
  });

  it('sends no traces unless it is told where', async () => {
    expect(settingsOf(await render(PRODUCTION))).not.toHaveProperty('TRACING_URL');
  });

  it('replaces pods of the API one by one, each serving before another goes', async () => {
    const rendered = await render(PRODUCTION, 'api.stopDelaySeconds=7');
    expect(settingsOf(rendered)).toMatchObject({ STOP_DELAY: '7s' });
    const deployment = one(rendered, 'Deployment', 'plaza-api');
    expect(deployment.spec).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
    expect(deployment.spec).not.toHaveProperty('replicas');
    const pod = podOf(deployment)!;
    expect(pod.containers[0]).toMatchObject({
      args: ['api'],
      readinessProbe: { httpGet: { path: '/health/ready', port: 'http' } },
      livenessProbe: { httpGet: { path: '/health/live', port: 'http' } },
    });
    // A server takes at most 25 s to stop (apps/api).
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(7 + 25);
  });

  it('stops the one pod of a volume before the next', async () => {
    const objects = await render(TRY);
    expect(one(objects, 'Deployment', 'plaza-api').spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
    });
    expect(settingsOf(objects)).toMatchObject({ RUN_WORKER: 'true', FILES_URL: 'file:/srv/files' });
    expect(objects.filter(({ kind }) => kind === 'PodDisruptionBudget')).toEqual([]);
  });

  it('scales by processors, and by requests if it is told', async () => {
    const metricsOf = (objects: Rendered[]): unknown[] =>
      (one(objects, 'HorizontalPodAutoscaler', 'plaza-api').spec as { metrics: unknown[] }).metrics;
    expect(metricsOf(await render(PRODUCTION))).toHaveLength(2);
    expect(metricsOf(await render(PRODUCTION, 'api.autoscaling.requestsPerSecond=0'))).toHaveLength(1);
  });

  it('migrates before pods of a new version start, with nothing of the release', async () => {
    const objects = await render(GATEWAY);
    const job = one(objects, 'Job', 'plaza-migrate');
    expect(job.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
    const pod = podOf(job)!;
    expect(pod).not.toHaveProperty('serviceAccountName');
    expect(pod.containers[0]!.envFrom).toBeUndefined();
    const secret = one(objects, 'Secret', 'plaza-migrate');
    expect(secret.metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-weight': '-10',
    });
    expect((await render(TRY)).filter(({ kind }) => kind === 'Job')).toEqual([]);
  });

  it('shows metrics to Prometheus alone, and the API to whom it should', async () => {
    const objects = await render(GATEWAY);
    const { ingress } = one(objects, 'NetworkPolicy', 'plaza-api').spec as {
      ingress: { ports: { port: number }[]; from?: object[] }[];
    };
    expect(ingress.map(({ ports }) => ports[0]!.port)).toEqual([8080, 9464]);
    for (const { from } of ingress) expect(from!.length).toBeGreaterThan(0);
    const service = one(objects, 'Service', 'plaza').spec as { ports: object[] };
    expect(service.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    for (const part of ['worker', 'migrate', 'test']) one(objects, 'NetworkPolicy', `plaza-${part}`);
  });

  it('brings the dashboard as it is, and rules about its release alone', async () => {
    const objects = await render(PRODUCTION);
    const rules = readFileSync(join(CHART, 'rules', 'plaza.yaml'), 'utf8');
    const { namespace, name } = one(objects, 'Service', 'plaza-metrics').metadata as unknown as Record<
      string,
      string
    >;
    const here = `namespace="${namespace ?? 'default'}",job="${name}"`;
    expect(one(objects, 'PrometheusRule', 'plaza').spec).toEqual(
      parse(rules.replaceAll('job="plaza"', here)),
    );
    const { data } = one(objects, 'ConfigMap', 'plaza-dashboard') as unknown as {
      data: Record<string, string>;
    };
    const dashboard = readFileSync(join(CHART, 'dashboards', 'plaza.json'), 'utf8');
    expect(JSON.parse(data['plaza.json']!)).toEqual(JSON.parse(dashboard));
  });

  it.each([
    ['nothing', 'is needed'],
    ['an unknown value', 'replicas', PRODUCTION, 'replicas=2'],
    ['a number as text', 'cpuPercent', PRODUCTION, 'api.autoscaling.cpuPercent="70"'],
    ['no pods at all', 'api', PRODUCTION, 'api.replicas=0'],
    ['another database', 'database', PRODUCTION, 'database.url="mysql://a@b/c"'],
    ['a path in the address', 'publicUrl', PRODUCTION, 'publicUrl="https://a.example/b"'],
    ['another kind of store', 'files', PRODUCTION, 'files.kind="ftp"'],
    ['a password in an address', 'has a password', PRODUCTION, 'database.url="postgres://a:hunter2@b/c"'],
    ['a secret among the settings', 'ConfigMap', PRODUCTION, 'settings={"REDIS_PASSWORD":"x"}'],
    ['several pods on a volume of one', 'allows one pod', TRY, 'api.replicas=2'],
    ['two ways in', 'enable one', PRODUCTION, 'gateway={"enabled":true,"host":"a","parents":[{"name":"a"}]}'],
    ['an ingress without a name', 'ingress.host', PRODUCTION, 'ingress.host=""'],
  ] as const)('refuses %s', async (_, reason, ...values) => {
    const { code, output } = await runHelm('template', 'plaza', CHART, ...valueArguments(values));
    expect(code).toBe(1);
    expect(output).toContain(reason);
    expect(output).not.toContain('hunter2');
  });
});

describe('the values of the chart', () => {
  it('are all in the schema, and what the schema knows is documented by a value', () => {
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
    const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as object;
    expect(pathsOfSchema(schema).filter((path) => valueAt(values, path) === undefined)).toEqual([]);
  });
});

interface Schema {
  properties?: Record<string, Schema>;
}

/** Paths of values that people set; what is Kubernetes' own (resources) and Helm's (global) is left out. */
function pathsOfSchema(schema: Schema, at: string[] = []): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    if (name === 'global' || at.at(-1) === 'resources') return [];
    return inner.properties && name !== 'resources' ? pathsOfSchema(inner, [...at, name]) : [[...at, name]];
  });
}

const valueAt = (values: object, path: string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], values);
