import Fastify from 'fastify';
import { logRequests } from './request-log.js';

interface Line {
  level: string;
  text: string;
}

/** A server that refuses everything, and its log. */
function refusing(isDebugging = false) {
  const lines: Line[] = [];
  const add = (level: string) => (first: unknown, message?: string) =>
    lines.push({ level, text: message ?? String(first) });
  const log = {
    isLevelEnabled: (level: string) => level !== 'debug' || isDebugging,
    ...Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, add(level)])),
  };
  const fastify = Fastify();
  logRequests(fastify, log as never, undefined);
  fastify.get('/refused', (_request, reply) => reply.code(400).send());
  fastify.get('/away', (_request, reply) => reply.code(503).send());
  fastify.get('/broken', (_request, reply) => reply.code(500).send());
  const ask = async (path: string, times: number): Promise<void> => {
    for (let at = 0; at < times; at++) await fastify.inject({ url: path });
  };
  return { lines, ask };
}

describe('a flood of refused requests', () => {
  it('fills no disk: what is too much has no line, which is told once', async () => {
    const { lines, ask } = refusing();
    await ask('/refused', 1_400);
    const own = lines.filter(({ text }) => text === 'request').length;
    expect(own).toBeGreaterThanOrEqual(1_000);
    expect(own).toBeLessThan(1_300);
    expect(lines.filter(({ text }) => text.startsWith('refused requests come faster'))).toHaveLength(1);
  });

  it('is counted by itself: an outage has lines of its own, as few', async () => {
    const { lines, ask } = refusing();
    await ask('/refused', 1_200);
    await ask('/away', 1_400);
    const outage = lines.filter(({ level, text }) => level === 'error' && text === 'request').length;
    expect(outage).toBeGreaterThanOrEqual(1_000);
    expect(outage).toBeLessThan(1_300);
  });

  it('hides no failure of ours', async () => {
    const { lines, ask } = refusing();
    await ask('/refused', 1_200);
    await ask('/broken', 1);
    expect(lines.at(-1)).toEqual({ level: 'error', text: 'request' });
  });

  it('is logged whole for who wants to see everything', async () => {
    const { lines, ask } = refusing(true);
    await ask('/refused', 1_400);
    expect(lines).toHaveLength(1_400);
  });
});
