import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { WaitingRoom } from './waiting-room.js';

describe('the waiting room', () => {
  let places: number;
  let room: WaitingRoom;
  let outcomes: string[];
  beforeEach(() => {
    jest.useFakeTimers();
    places = 0;
    outcomes = [];
    room = new WaitingRoom(() => places > 0);
  });
  afterEach(() => {
    room.close();
    jest.useRealTimers();
  });

  const add = (name: string, units = 1): EventEmitter => {
    const response = new EventEmitter();
    room.add(response as unknown as ServerResponse, {
      units,
      pass: () => {
        places -= units;
        outcomes.push(`${name} passes`);
      },
      refuse: () => outcomes.push(`${name} is refused`),
    });
    return response;
  };

  it('lets pass in turn, as many as there are places', () => {
    for (const name of ['first', 'second', 'third']) add(name);
    places = 2;
    jest.advanceTimersByTime(100);
    expect(outcomes).toEqual(['first passes', 'second passes']);
  });

  it('gives short and long ones the same share', () => {
    for (const name of ['long', 'longer', 'longest']) add(name, 65);
    for (const name of ['first', 'second', 'third']) add(name);
    places = 3;
    jest.advanceTimersByTime(100);
    expect(outcomes).toEqual(['first passes', 'long passes']);
    places = 3;
    jest.advanceTimersByTime(100);
    expect(outcomes.slice(2)).toEqual(['second passes', 'third passes', 'longer passes']);
  });

  it('saves up nothing for a line in which nobody stood', () => {
    places = 1_000;
    for (let at = 0; at < 10; at++) add('long', 65);
    jest.advanceTimersByTime(100);
    places = 0;
    for (let at = 0; at < 10; at++) add(`short ${at}`);
    add('last', 65);
    outcomes.length = 0;
    places = 2;
    jest.advanceTimersByTime(100);
    expect(outcomes).toEqual(['short 0 passes', 'last passes']);
  });

  it('refuses after a second, not before', () => {
    add('first');
    jest.advanceTimersByTime(500);
    add('second');
    jest.advanceTimersByTime(480);
    expect(outcomes).toEqual([]);
    jest.advanceTimersByTime(60);
    expect(outcomes).toEqual(['first is refused']);
  });

  it('forgets who has gone', () => {
    add('first').emit('close');
    places = 1;
    jest.advanceTimersByTime(2_000);
    expect(outcomes).toEqual([]);
  });

  it('refuses at once when it is full', () => {
    for (let at = 0; at < 1_024; at++) add(String(at));
    add('last');
    expect(outcomes).toEqual(['last is refused']);
  });

  it('refuses all when it closes, and keeps no timer', () => {
    add('first');
    room.close();
    expect(outcomes).toEqual(['first is refused']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
