import { Logger } from '@nestjs/common';
import { RedisUnavailableError } from '../../../libs/coordination/redis-unavailable-error.js';
import { StorageUnavailableError } from '../../../libs/storage/storage-errors.js';
import { FailureLog } from './failure-log.js';

afterEach(() => jest.restoreAllMocks());

const linesOf = (level: 'warn' | 'error') =>
  jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);

it('tells of all that is away, of each once a second', () => {
  const warn = linesOf('warn');
  let now = 0;
  const log = new FailureLog('test', () => now);
  for (now = 0; now < 3_000; now += 100) {
    log.unavailable('GET /rooms', new StorageUnavailableError(new Error('refused')));
    log.unavailable('GET /room/{room}', new RedisUnavailableError());
  }
  const lines = ['GET /rooms: the database is not available', 'GET /room/{room}: Redis is not available'];
  expect(warn.mock.calls.map(([line]) => String(line))).toEqual([...lines, ...lines, ...lines]);
});

it('tells of every mistake of ours, with where it happened', () => {
  const error = linesOf('error');
  const log = new FailureLog('test');
  const mistake = new TypeError('undefined is not a room');
  log.failed('GET /rooms', mistake);
  log.failed('GET /rooms', mistake);
  expect(error.mock.calls).toEqual(Array(2).fill(['GET /rooms failed', mistake.stack]));
});
