import { ApiProblem, reasonOf, reasonsOf } from './problem.js';

const problem = (status: number, body = {}): ApiProblem => new ApiProblem(status, body);

it.each([
  [problem(400, { title: 'Invalid', errors: [{ path: 'name', message: 'is empty' }] }), 'name: is empty'],
  [problem(400, { errors: [{ path: '', message: 'is no object' }] }), 'is no object'],
  [problem(403, { title: 'Forbidden', detail: 'Only for admins' }), 'Only for admins'],
  [problem(403, { title: 'Forbidden' }), 'Forbidden'],
  [problem(0), 'The server cannot be reached.'],
  [problem(418), 'The server answered 418.'],
  ['thrown text', 'Something went wrong.'],
])('%s is told to people', (error, text) => expect(reasonOf(error)).toBe(text));

it('says its kind, and whether somebody else was faster', () => {
  const stale = problem(412, { type: 'urn:plaza:problem:precondition-failed' });
  expect([stale.kind, stale.isStale]).toEqual(['precondition-failed', true]);
  expect([problem(500, { type: 'about:blank' }).kind, problem(500).isStale]).toEqual(['', false]);
});

it('says what is wrong with which field', () => {
  expect(problem(400, { errors: [{ path: 'token', message: 'is taken' }] }).fieldErrors).toEqual({
    token: 'is taken',
  });
});

it('says all that is wrong, in the words of whoever shows it', () => {
  const both = problem(400, {
    errors: [
      { path: 'token', message: 'is taken' },
      { path: '', message: 'is no room' },
    ],
  });
  expect(reasonsOf(both)).toEqual(['token: is taken', 'is no room']);
  expect(reasonsOf(both, ({ path }) => `<${path}>`)).toEqual(['<token>', '<>']);
  expect(reasonsOf(problem(0))).toEqual(['The server cannot be reached.']);
});
