import { z } from 'zod';
import { jsonResponse } from '../../../../libs/protocol/wire.js';
import { QueryReader } from './query-reader.js';
import { route, type Route } from './route.js';

const parse = jest.fn((text: string | undefined) => text ?? 'none');
const withQuery = (path: `/${string}`): Route =>
  route({
    method: 'GET',
    path,
    summary: '',
    auth: 'public',
    query: z.object({ a: z.string().max(100).optional().transform(parse) }),
    response: z.object({}),
    handle: () => jsonResponse({}),
  });

describe('queries', () => {
  const reader = new QueryReader();
  const one = withQuery('/one');
  beforeEach(() => parse.mockClear());

  it('that repeat are parsed once', () => {
    expect([reader.read(one, 'a=1'), reader.read(one, 'a=1')]).toEqual([{ a: '1' }, { a: '1' }]);
    expect(parse).toHaveBeenCalledTimes(1);
  });

  it('of one route mean nothing to another', () => {
    reader.read(one, 'a=2');
    reader.read(withQuery('/two'), 'a=2');
    expect(parse).toHaveBeenCalledTimes(2);
  });

  it('give the first of repeated parameters', () => {
    expect(reader.read(one, 'a=%31&a=2')).toEqual({ a: '1' });
  });

  it('are refused again and again', () => {
    for (let time = 0; time < 2; time++)
      expect(() => reader.read(one, `a=${'x'.repeat(101)}`)).toThrow(z.ZodError);
  });

  it('are not all remembered', () => {
    for (let count = 0; count < 1000; count++) reader.read(one, `b=${count}`);
    reader.read(one, 'a=3');
    parse.mockClear();
    reader.read(one, `a=3`);
    expect(parse).not.toHaveBeenCalled();
    reader.read(one, 'b=0');
    reader.read(one, `c=${'x'.repeat(64)}`);
    reader.read(one, `c=${'x'.repeat(64)}`);
    expect(parse).toHaveBeenCalledTimes(3);
  });

  it('count up to the 64th, so that a million cost nothing', () => {
    expect(reader.read(one, `${'x&'.repeat(63)}a=5`)).toMatchObject({ a: '5' });
    expect(reader.read(one, `${'x&'.repeat(64)}a=5`)).not.toMatchObject({ a: '5' });
    let fastest = Infinity; // of a few: other programs on the machine only ever add
    for (let round = 0; round < 5 && fastest > 500; round++) {
      const started = performance.now();
      reader.read(one, 'x&'.repeat(1_000_000));
      fastest = Math.min(fastest, performance.now() - started);
    }
    expect(fastest).toBeLessThan(500);
  });

  it('cannot be changed by who reads them', () => {
    expect(() => Object.assign(reader.read(one, 'a=4') as object, { a: '5' })).toThrow(TypeError);
  });

  it('are undefined where there are none to read', () => {
    const without = route({
      method: 'GET',
      path: '/three',
      summary: '',
      auth: 'public',
      response: z.object({}),
      handle: () => jsonResponse({}),
    });
    expect(reader.read(without, 'a=1')).toBeUndefined();
  });
});
