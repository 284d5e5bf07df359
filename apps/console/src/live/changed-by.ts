import type { StreamEvent } from '../api/event-stream.js';

/** The keys of the queries whose answers are other ones now. An event tells only that something changed. */
export function changedBy({ event, data }: StreamEvent): string[][] {
  const room = roomOf(data);
  switch (event) {
    case 'messages':
      return room === undefined ? [['messages']] : [['messages', room]];
    case 'room':
      return room === undefined
        ? [['rooms'], ['room']]
        : [['rooms'], ['room', room], ['members', room], ['rules', room]];
    case 'rooms':
      return [['rooms']];
    case 'rules':
      return [['rules']];
    case 'log':
      return [['log']];
    case 'bans':
      return [['bans'], ['members'], ['moderators'], ['users'], ['user']];
    case 'jobs':
      return [['jobs']];
    default:
      return [];
  }
}

function roomOf(data: string): string | undefined {
  try {
    const { room } = JSON.parse(data) as { room?: unknown };
    return typeof room === 'string' ? room : undefined;
  } catch {
    return undefined;
  }
}
