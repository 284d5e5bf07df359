import { at, queryText } from './address.js';

it('a path keeps what is put into it in its place', () => {
  expect(at`/rooms/${'../x?y#z'}/messages/${7}`).toBe('/rooms/..%2Fx%3Fy%23z/messages/7');
});

it.each([
  [{}, ''],
  [{ a: 1, b: undefined, c: '', d: false }, '?a=1&d=false'],
  [{ series: ['posts', 'polls'] }, '?series=posts%2Cpolls'],
  [{ text: 'a&b = c' }, '?text=a%26b+%3D+c'],
])('a query of %j is %s', (query, text) => expect(queryText(query)).toBe(text));
