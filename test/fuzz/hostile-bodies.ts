import fc, { type Arbitrary } from 'fast-check';
import { sessionMessage, signedMessage, type Account } from '../support/session-client.js';
import { anyBytes, hostileJson, hostileText, jsonText, wellFormed } from './hostile-values.js';

/** Values for the places of paths by their names, of things that are there. */
export type KnownThings = Readonly<Record<string, readonly string[]>>;

/** What the endpoint takes, with some of its fields wrong; or anything. */
export function bodyFor(target: string, account: Account, known: KnownThings): Arbitrary<Buffer | undefined> {
  const right =
    RIGHT_BODIES.find(([pattern]) => pattern.test(target.split('?')[0]!))?.[1] ?? (() => hostileJson());
  const wrong = fc.dictionary(
    fc.constantFrom(...FIELDS),
    fc.oneof(hostileText, fc.constantFrom(...Object.values(known).flat()), hostileJson()),
    { maxKeys: 2 },
  );
  const changed = fc
    .tuple(right(account, known), fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, wrong))
    .map(([one, more]) => (typeof one === 'object' && !Array.isArray(one) ? { ...one, ...more } : one))
    .map((json) => Buffer.from(JSON.stringify(json)));
  return fc.oneof(
    { weight: 7, arbitrary: changed },
    { weight: 1, arbitrary: jsonText(FIELDS).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: anyBytes(2_000) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const FIELDS =
  'data signature files whisper_to whisper_mods name description image rooms in timeout global message read default_read moderator admin visible reason __proto__'.split(
    ' ',
  );

/** What a name or a reason may have. */
const SHORT = 40;

type RightBody = (account: Account, known: KnownThings) => Arbitrary<unknown>;
const optional = { requiredKeys: [] };

const RIGHT_BODIES: [RegExp, RightBody][] = [
  [
    /\/message(?:\/\d+)?$/,
    (account, { sid = [], id = [] }) =>
      fc
        .tuple(
          fc.oneof(
            anyBytes(300),
            hostileText.map((text) => sessionMessage(wellFormed(text))),
          ),
          fc.oneof(
            fc.constant({}),
            fc.record(
              {
                whisper_to: fc.constantFrom(...sid),
                whisper_mods: fc.boolean(),
                files: fc.subarray([...id]),
              },
              optional,
            ),
          ),
        )
        .map(([data, more]) => ({ ...signedMessage(account, data), ...more })),
  ],
  [
    /\/(?:batch|sequence)$/,
    () =>
      fc.array(
        fc.record({ method: fc.constant('GET'), path: fc.constantFrom('/rooms', '/inbox', '/room/lobby') }),
      ),
  ],
  [
    /\/(?:moderator|ban|unban)$/,
    () =>
      fc.record(
        {
          rooms: fc.constantFrom(['lobby'], ['*'], ['lobby', 'second']),
          moderator: fc.boolean(),
          visible: fc.boolean(),
          timeout: fc.double({ noNaN: true }),
        },
        { requiredKeys: ['rooms'] },
      ),
  ],
  [
    /\/permissions\//i,
    () => fc.record({ read: fc.boolean(), write: fc.boolean(), default_upload: fc.boolean() }, optional),
  ],
  [
    /\/futurePermissions\//,
    () =>
      fc.record({
        read: fc.boolean(),
        write: fc.boolean(),
        in: fc.double({ min: 1, max: 9e8, noNaN: true }),
      }),
  ],
  [/\/inbox\//, () => anyBytes(300).map((bytes) => ({ message: bytes.toString('base64') }))],
  [
    /^\/room\/\w+$/,
    () => fc.record({ name: hostileText, description: hostileText, default_upload: fc.boolean() }, optional),
  ],
  [
    /^\/admin\/v1\/(?:bans|mutes)$/,
    (_, { sid = [] }) =>
      fc.record({
        sessionId: fc.constantFrom(...sid),
        room: fc.constant('lobby'),
        reason: hostileText.map((text) => text.slice(0, SHORT)),
      }),
  ],
  [
    /^\/admin\/v1\/tokens$/,
    () => fc.record({ name: hostileText.map((text) => text.slice(0, SHORT)), role: fc.constant('viewer') }),
  ],
  [
    /^\/admin\//,
    () =>
      fc.record(
        { name: hostileText, reason: hostileText, room: fc.constantFrom('lobby', null), text: hostileText },
        optional,
      ),
  ],
];
