import { randomBytes } from 'node:crypto';
import {
  Account,
  authHeaders,
  http,
  sessionMessage,
  signedMessage,
  type AuthOverrides,
  type HttpAnswer,
} from './session-client.js';
import { onionRequest, type OnionAnswer, type OnionScheme } from './onion-client.js';
import { until } from './until.js';

/** Where to call: a running server. */
export interface Community {
  base: string;
  publicKey: Buffer;
}

export interface CallOptions {
  json?: unknown;
  body?: Buffer;
  headers?: Record<string, string>;
  /** Wrong parts of the authentication, on purpose. */
  auth?: AuthOverrides;
}

/** `json` is undefined where the answer is none. */
export interface Answer extends HttpAnswer {
  text: string;
  json: any;
}

/** A fresh account on that server. */
export const newAccount = ({ publicKey }: Community): Account => new Account(randomBytes(32), publicKey);

/** One request over HTTP, signed by `account`, or anonymous. */
export async function call(
  at: Community,
  account: Account | undefined,
  method: string,
  target: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { body, headers } = signed(account, method, target, options);
  const answer = await http(at.base, { method, target, body }, headers);
  const text = answer.body.toString();
  return { ...answer, text, json: jsonOf(answer.headers['content-type'], text) };
}

/** The same request in an onion; `outer` is the HTTP status around it. */
export async function onionCall(
  at: Community,
  account: Account | undefined,
  method: string,
  endpoint: string,
  options: CallOptions & { scheme?: OnionScheme } = {},
): Promise<OnionAnswer & { outer: number; text: string; json: any }> {
  const { body, headers } = signed(account, method, endpoint, options);
  const scheme = options.scheme ?? 'xchacha20';
  const onion = onionRequest(at.publicKey, { method, endpoint, headers, body, scheme });
  const outer = await http(at.base, { method: 'POST', target: onion.path, body: onion.bytes });
  if (outer.status !== 200) throw new Error(`the onion was answered ${outer.status} ${outer.body}`);
  const inner = onion.readAnswer(outer.body);
  const text = inner.body.toString();
  return { ...inner, outer: outer.status, text, json: jsonOf(inner.headers['content-type'], text) };
}

/** The body and headers that such a call sends. */
export function signed(
  account: Account | undefined,
  method: string,
  target: string,
  { json, body: bytes, headers = {}, auth }: CallOptions = {},
): { body: Buffer | undefined; headers: Record<string, string> } {
  const body = json === undefined ? bytes : Buffer.from(JSON.stringify(json));
  return {
    body,
    headers: { ...headers, ...(account && authHeaders(account, { method, target, body }, auth)) },
  };
}

/** A well-formed post. */
export function post(
  at: Community,
  account: Account,
  room: string,
  text: string,
  auth: AuthOverrides = {},
): Promise<Answer> {
  return call(at, account, 'POST', `/room/${room}/message`, { json: messageBody(account, text, auth), auth });
}

/** Until the server knows of the role that a command has given to somebody: within a second. */
export const untilModerator = (at: Community, account: Account, room = 'lobby'): Promise<void> =>
  until(async () => {
    const { json } = await call(at, account, 'GET', `/room/${room}`);
    return json?.moderator === true;
  });

export const messageBody = (account: Account, text: string, over: { unblinded?: boolean } = {}) =>
  signedMessage(account, sessionMessage(text), over);

function jsonOf(contentType: string | undefined, text: string): unknown {
  if (!contentType?.startsWith('application/json') || text === '') return undefined;
  return JSON.parse(text);
}
