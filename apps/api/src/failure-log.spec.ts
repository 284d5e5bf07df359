import { Logger } from '@nestjs/common';
import { UnavailableError } from '../../../libs/protocol/unavailable-error.js';
import { FailureLog } from './failure-log.js';

afterEach(() => jest.restoreAllMocks());

const linesOf = (level: 'warn' | 'error') =>
  jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);

it('tells of what is away once a second', () => {
  const warn = linesOf('warn');
  let now = 0;
  const log = new FailureLog('test', () => now);
  for (now = 0; now < 3_000; now += 100)
    log.unavailable('GET /rooms', new UnavailableError('the database is away'));
  expect(warn.mock.calls).toEqual(Array(3).fill(['GET /rooms: the database is away']));
});

it('tells of every mistake of ours, with where it happened', () => {
  const error = linesOf('error');
  const log = new FailureLog('test');
  const mistake = new TypeError('undefined is not a room');
  log.failed('GET /rooms', mistake);
  log.failed('GET /rooms', mistake);
  expect(error.mock.calls).toEqual(Array(2).fill(['GET /rooms failed', mistake.stack]));
});
