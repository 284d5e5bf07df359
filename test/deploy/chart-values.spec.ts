import { one, podOf, GATEWAY, PRODUCTION, settingsOf, TRY } from '../support/chart-objects.js';
import { CHART, describeWithHelm, render, runHelm, valueArguments, type Rendered } from '../support/helm.js';

jest.setTimeout(300_000);

interface Policy {
  ingress?: { ports: { port: number }[]; from?: object[] }[];
  egress: { ports: { port: number }[]; to?: object[] }[];
}
const policyOf = (objects: Rendered[], part: string): Policy =>
  one(objects, 'NetworkPolicy', `plaza-${part}`).spec as unknown as Policy;
/** Ports that may be reached at whatever address. */
const openPorts = (objects: Rendered[], part: string): number[] =>
  policyOf(objects, part)
    .egress.filter(({ to }) => to === undefined)
    .flatMap(({ ports }) => ports.map(({ port }) => port))
    .filter((port) => port !== 53)
    .sort((one, other) => one - other);

describeWithHelm('what values become', () => {
  it('are settings as they were written, whole numbers above all', async () => {
    const values = '{"A":268435456,"B":1e15,"C":0.25,"D":false,"E":"2.5e8","F":-1,"G":"","H":12}';
    const written = {
      A: '268435456',
      B: '1000000000000000',
      C: '0.25',
      D: 'false',
      E: '2.5e8',
      F: '-1',
      G: '',
      H: '12',
    };
    const objects = await render(PRODUCTION, `settings=${values}`);
    expect(settingsOf(objects)).toMatchObject(written);
    const { env } = podOf(one(objects, 'Job', 'plaza-migrate'))!.containers[0]!;
    expect(Object.fromEntries(env!.map(({ name, value }) => [name, value]))).toMatchObject(written);
  });

  it.each([
    [
      'postgres://plaza@db:6432/plaza?a=b:1',
      'redis://redis:6380',
      'http://minio:9000/x',
      [443, 6380, 6432, 9000],
    ],
    ['postgres://plaza@db/plaza', 'rediss://a.b.example', 'http://minio', [80, 443, 5432, 6379]],
    ['postgres://plaza@[fd00::1]:6432/plaza', 'redis://u@h:1/0', 'https://minio', [1, 443, 6432]],
  ])('are ports that pods may reach: %s, %s, %s', async (database, redis, s3, ports) => {
    const objects = await render(
      PRODUCTION,
      `database.url="${database}"`,
      `redis.url="${redis}"`,
      `files.s3.endpoint="${s3}"`,
    );
    for (const part of ['api', 'worker']) expect([part, openPorts(objects, part)]).toEqual([part, ports]);
    const databasePort = database.includes('6432') ? 6432 : 5432;
    expect(openPorts(objects, 'migrate')).toEqual([databasePort]);
  });

  it('let pods ask for their role where they have one', async () => {
    const asks = async (secret: string): Promise<boolean> =>
      policyOf(await render(PRODUCTION, `files.s3.existingSecret="${secret}"`), 'api').egress.some(
        ({ ports, to }) => ports[0]!.port === 80 && JSON.stringify(to).includes('169.254.170.23/32'),
      );
    expect([await asks(''), await asks('plaza-s3')]).toEqual([true, false]);
  });

  it('let the Job that migrates through before the release is there', async () => {
    const { metadata } = one(await render(PRODUCTION), 'NetworkPolicy', 'plaza-migrate');
    expect(metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-weight': '-10',
      'helm.sh/hook-delete-policy': expect.stringContaining('before-hook-creation') as string,
    });
    const names = (await render(TRY)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).not.toContain('NetworkPolicy/plaza-migrate');
  });

  it('show metrics to nobody where nobody is named', async () => {
    const objects = await render(PRODUCTION, 'networkPolicy.metricsFrom=[]');
    expect(policyOf(objects, 'api').ingress!.flatMap(({ ports }) => ports)).toEqual([{ port: 8080 }]);
    expect(policyOf(objects, 'worker').ingress ?? []).toEqual([]);
  });

  it('make new pods of new passwords', async () => {
    const marks = async (...values: string[]): Promise<string> => {
      const objects = await render(GATEWAY, ...values);
      const { template } = one(objects, 'Deployment', 'plaza-api').spec as { template: Rendered };
      return JSON.stringify(template.metadata.annotations);
    };
    const before = await marks();
    expect(await marks()).toBe(before);
    expect(await marks('database.password="another"')).not.toBe(before);
    expect(await marks('redis.password="another"')).not.toBe(before);
  });

  it('keep the passwords of the bundled database for as long as its volume', async () => {
    const { metadata } = one(await render(TRY), 'Secret', 'plaza-bundled');
    expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
  });

  it("have every part trust an authority of one's own", async () => {
    const objects = await render(
      PRODUCTION,
      'trustedCa={"existingSecret":"mine","existingSecretKey":"root.pem"}',
    );
    for (const [kind, name] of [
      ['Deployment', 'plaza-api'],
      ['Deployment', 'plaza-worker'],
      ['Job', 'plaza-migrate'],
    ] as const) {
      const pod = podOf(one(objects, kind, name))!;
      const { value } = pod.containers[0]!.env!.find((each) => each.name === 'NODE_EXTRA_CA_CERTS')!;
      const volume = pod.volumes!.find(({ secret }) => secret?.secretName === 'mine')!;
      const { mountPath } = pod.containers[0]!.volumeMounts!.find((each) => each.name === volume.name)!;
      expect(volume.secret!.items).toEqual([{ key: 'root.pem', path: 'ca.crt' }]);
      expect(value).toBe(`${mountPath}/ca.crt`);
    }
  });

  it('are a backup every night, with everything that a server has', async () => {
    const objects = await render(PRODUCTION, 'backup={"enabled":true,"keep":7,"passphraseSecret":"phrase"}');
    const pod = podOf(one(objects, 'CronJob', 'plaza-backup'))!;
    const { args, envFrom, volumeMounts } = pod.containers[0]!;
    const passphrase = '/etc/plaza/passphrase/passphrase';
    expect(args).toEqual(['plaza', 'backup', '/backups/', '--keep', '7', '--passphrase-file', passphrase]);
    const server = podOf(one(objects, 'Deployment', 'plaza-api'))!.containers[0]!;
    expect(envFrom).toEqual(server.envFrom);
    expect(volumeMounts).toEqual(expect.arrayContaining(server.volumeMounts!));
    expect(one(objects, 'PersistentVolumeClaim', 'plaza-backups').metadata.annotations).toMatchObject({
      'helm.sh/resource-policy': 'keep',
    });
    expect(openPorts(objects, 'backup')).toEqual([443, 5432, 6379]);
  });

  it('are a restored installation, in which no server is meanwhile', async () => {
    const objects = await render(PRODUCTION, 'backup.restore="plaza-1.plaza-backup"');
    const { args } = podOf(one(objects, 'Job', 'plaza-restore'))!.containers[0]!;
    expect(args).toEqual(['plaza', 'restore', '/backups/plaza-1.plaza-backup']);
    const kinds = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(kinds.filter((name) => /^(Deployment|CronJob|HorizontalPod)|migrate/.test(name))).toEqual([]);
    expect(kinds).toEqual(
      expect.arrayContaining(['ConfigMap/plaza', 'ServiceAccount/plaza', 'Service/plaza']),
    );
  });

  it.each([
    [
      'backups of files that one pod has',
      'ReadWriteOncePod',
      'backup.enabled=true',
      'files={"kind":"pvc","pvc":{"accessMode":"ReadWriteOncePod"}}',
      'worker.enabled=false',
      'api={"replicas":1,"autoscaling":{"enabled":false}}',
    ],
    ['a backup from anywhere', 'restore', 'backup.restore="../key"'],
    ['a password in a setting', 'settings.A', 'settings={"A":"redis://u:hunter2@h"}'],
    [
      'a password behind a question mark',
      'has a password',
      'database.url="postgres://a@b/c?password=hunter2"',
    ],
    ['a password in the address of S3', 'has a password', 'files.s3.endpoint="https://a:hunter2@b"'],
    [
      'a setting that is a value of the chart',
      'use database.url',
      'settings={"DATABASE_URL":"postgres://a:hunter2@b/c"}',
    ],
    ['another wait before the end', 'use api.stopDelaySeconds', 'settings={"STOP_DELAY":"1s"}'],
    ['another port', 'settings.METRICS_PORT', 'settings={"METRICS_PORT":1}'],
    ['more pods at least than at most', 'is more than', 'api.autoscaling={"min":5,"max":4}'],
  ])('refuse %s', async (_, reason, ...values) => {
    const { code, output } = await runHelm(
      'template',
      'plaza',
      CHART,
      ...valueArguments([PRODUCTION, ...values]),
    );
    expect(code).toBe(1);
    expect(output).toContain(reason);
    expect(output).not.toContain('hunter2');
  });
});
