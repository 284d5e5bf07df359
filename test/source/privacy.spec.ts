import { inventoriedNames, privacyInventory } from '../support/privacy-inventory.js';
import { loggedFields, metricLabels, redisKeys, spanAttributes, writtenMembers } from './privacy-rules.js';
import { readSourceTree, sources } from './source-tree.js';

const tree = readSourceTree();
const sorted = (names: Iterable<string>): string[] => [...names].sort();
const BODIES = 'libs/community/webhooks/webhook-bodies.service.ts';
/** By pino itself. */
const OF_EVERY_LINE = ['level', 'time', 'msg'];

describe('PRIVACY.md names', () => {
  it('every field of the log, and none that is not there', () =>
    expect(inventoriedNames('In the log')).toEqual(sorted([...OF_EVERY_LINE, ...loggedFields(tree)])));

  it('every label of a metric, and none that is not there', () =>
    expect(inventoriedNames('Metrics')).toEqual(sorted(metricLabels(tree))));

  it('every attribute of a span, and none that is not there', () =>
    expect(inventoriedNames('Traces')).toEqual(sorted(spanAttributes(tree))));

  it('every field of a webhook, and none that is not there', () => {
    const file = tree.find(({ path }) => path === BODIES)!;
    expect(inventoriedNames('Webhooks')).toEqual(sorted(writtenMembers(file, ['reader'])));
  });

  it('every kind of key in Redis, and none that is not there', () =>
    expect(inventoriedNames('In Redis')).toEqual(sorted(redisKeys(tree))));

  it('each thing once', () => {
    for (const { heading, names } of privacyInventory())
      expect({ heading, names: sorted(names) }).toEqual({ heading, names: sorted(new Set(names)) });
  });
});

describe('what is logged is found', () => {
  const inSource = (text: string): string[] => sorted(loggedFields(sources({ 'libs/a/a.ts': text })));

  it.each([
    [`this.log.warn({ reason: error.message }, 'it broke');`, ['reason']],
    [`log[level]({ request: 1, ...(b && { port }) }, 'request');`, ['port', 'request']],
    [`const ports = { ...(health && { healthPort: 1 }) }; log.info(ports, 'runs');`, ['healthPort']],
    [`options.log?.error({ address }, 'it broke');`, ['address']],
    [`this.log.error('it broke', error.stack);`, []],
    [`this.log.warn(\`\${route}: \${error.message}\`);`, []],
    [`log.info(request, 'something');`, ['?']],
    [`console.warn({ a: 1 }, 'x');`, []],
  ])('in %s', (text, fields) => expect(inSource(text)).toEqual(fields));

  it('so are labels', () => {
    const text = `new Tally('a', 'b', ['route', name]); x({ labelNames: ['queue'] });`;
    expect(sorted(metricLabels(sources({ 'libs/a/a.ts': text })))).toEqual(['?', 'queue', 'route']);
  });

  it('so are attributes', () => {
    const text = `import { traced } from '../tracing/spans.js'; const a = { 'http.route': 1 }; span.setAttribute('error.type', 1);`;
    expect(sorted(spanAttributes(sources({ 'libs/a/a.ts': text })))).toEqual(['error.type', 'http.route']);
  });

  it('so are members of bodies and keys', () => {
    const [file] = sources({
      'libs/a/a.ts':
        'const reader = { userId: 1 }; f({ id, ...(b && { text: 1 }) }); `${redis.keyPrefix}posts:`;',
    });
    expect(sorted(writtenMembers(file!, ['reader']))).toEqual(['id', 'text']);
    expect([...redisKeys([file!])]).toEqual(['posts:']);
  });
});
