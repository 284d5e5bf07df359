import { JobRefusedError, LONG_JOBS, parseLongJob, type LongJobKind } from './long-job-kinds.js';

const ACTOR = { userId: 1, via: 'command-line' };
const GOOD: Record<LongJobKind, object> = {
  'delete-posts': { actor: ACTOR, authorId: 2, roomIds: null },
  'delete-wave': { roomId: 1, since: 1_700_000_000.5, rule: 'duplicates', fingerprint: 'abc' },
};

it.each(Object.keys(LONG_JOBS) as LongJobKind[])('%s takes its own payload, also from JSON', (kind) => {
  const payload: unknown = JSON.parse(JSON.stringify(GOOD[kind]));
  expect(parseLongJob(kind, payload)).toEqual({ kind, payload });
});

it.each(['', 'fly', 'constructor', '__proto__', 'toString'])('there is no kind %p', (kind) => {
  expect(() => parseLongJob(kind, GOOD['delete-posts'])).toThrow(JobRefusedError);
});

it.each([
  ['nothing', undefined],
  ['null', null],
  ['a list', []],
  ['a missing member', { actor: ACTOR, roomIds: null }],
  ['an id that is no number', { ...GOOD['delete-posts'], authorId: '2' }],
  ['an id below 1', { ...GOOD['delete-posts'], authorId: 0 }],
  ['an id beyond 2^53', { ...GOOD['delete-posts'], authorId: 2 ** 53 }],
  ['a fraction', { ...GOOD['delete-posts'], roomIds: [1.5] }],
  ['rooms that are no list', { ...GOOD['delete-posts'], roomIds: 'all' }],
  ['too many rooms', { ...GOOD['delete-posts'], roomIds: Array.from({ length: 10_001 }, (_, at) => at + 1) }],
  ['an unknown member', { ...GOOD['delete-posts'], force: true }],
  ['an unknown way', { ...GOOD['delete-posts'], actor: { userId: 1, via: 'magic' } }],
])('a payload with %s is refused, and the reason stays short', (_, payload) => {
  let reason = '';
  try {
    parseLongJob('delete-posts', payload);
  } catch (error) {
    expect(error).toBeInstanceOf(JobRefusedError);
    reason = (error as Error).message;
  }
  expect(reason).toMatch(/^not a payload of this kind: ./);
  expect(reason.length).toBeLessThan(300);
});
