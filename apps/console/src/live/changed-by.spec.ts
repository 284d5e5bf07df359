import { changedBy } from './changed-by.js';

it.each([
  [{ event: 'messages', data: '{"room":"fish","seqno":3}' }, [['messages', 'fish']]],
  [{ event: 'messages', data: '' }, [['messages']]],
  [{ event: 'log', data: '{"id":3}' }, [['log']]],
  [{ event: 'bans', data: '{}' }, [['bans'], ['members'], ['moderators'], ['users'], ['user']]],
  [{ event: 'jobs', data: 'no JSON' }, [['jobs']]],
  [{ event: 'something new', data: '{}' }, []],
])('%j has these looked up again', (event, keys) => expect(changedBy(event)).toEqual(keys));

it('a change of a room has its rules looked up too', () => {
  expect(changedBy({ event: 'room', data: '{"room":"fish"}' })).toContainEqual(['rules', 'fish']);
});
