import { codeOfLink } from './login-code.js';

it.each([
  ['#code=abc-_123', 'abc-_123'],
  ['#x=1&code=abc', 'abc'],
  ['#code=', undefined],
  ['', undefined],
  ['#other', undefined],
])('%j holds the code %j', (hash, code) => expect(codeOfLink(hash)).toBe(code));
