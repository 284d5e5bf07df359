import fc from 'fast-check';
import { EventStreamReader } from './event-stream.js';

const TEXT =
  ': hello\n\nevent: messages\ndata: {"room":"fish"}\n\nid: 3\nretry: 5\ndata: one\ndata:two\n\nevent: empty\n\n';
const EVENTS = [
  { event: 'messages', data: '{"room":"fish"}' },
  { event: 'message', data: 'one\ntwo' },
];

it('reads events, and neither comments nor what has no data', () => {
  expect(new EventStreamReader().push(TEXT)).toEqual(EVENTS);
});

it.each(['\r\n', '\r'])('with lines that end in %j', (end) => {
  const reader = new EventStreamReader();
  // A lone CR could still become a CRLF: what follows ends it.
  expect([...reader.push(TEXT.replaceAll('\n', end)), ...reader.push(': more')]).toEqual(EVENTS);
});

it('wherever the pieces are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), TEXT.length];
      const reader = new EventStreamReader();
      const events = places.slice(1).flatMap((end, index) => reader.push(TEXT.slice(places[index], end)));
      expect(events).toEqual(EVENTS);
    }),
  );
});

it('refuses a line without end', () => {
  const reader = new EventStreamReader();
  expect(() => {
    for (let count = 0; count < 100; count++) reader.push('x'.repeat(1_000));
  }).toThrow('no stream of events');
});
