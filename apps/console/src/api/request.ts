import { queryText, type Query } from './address.js';
import { credentials } from './credentials.js';
import { ApiProblem, type ProblemBody } from './problem.js';

export const API = '/admin/v1';
const KEY_BYTES = 16;
const RETRY_AFTER_MS = 400;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  query?: Query;
  json?: unknown;
  /** Instead of `json`: a file as it is. */
  bytes?: Blob;
  /** The version that is to be changed. */
  ifMatch?: string;
  /** Of the first answer, when this is the second call of something that destroys. */
  confirmationToken?: string;
  signal?: AbortSignal;
}

/** A single thing with its version. */
export interface Versioned<Value> {
  value: Value;
  etag: string | undefined;
}

/** @throws ApiProblem for every answer but 2xx, and when there is none. */
export async function request(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: headersOf(method, options),
    body: options.bytes ?? (options.json === undefined ? undefined : JSON.stringify(options.json)),
    signal: options.signal,
    credentials: 'same-origin',
    cache: 'no-store',
  };
  const response = await send(`${API}${path}${queryText(options.query)}`, init);
  if (response.ok) return response;
  throw new ApiProblem(response.status, await problemBody(response));
}

/** The answer's JSON, or undefined when it has none. */
export async function ask<Value>(method: Method, path: string, options?: RequestOptions): Promise<Value> {
  const response = await request(method, path, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Value;
}

export async function askVersioned<Value>(path: string, options?: RequestOptions): Promise<Versioned<Value>> {
  const response = await request('GET', path, options);
  return { value: (await response.json()) as Value, etag: response.headers.get('etag') ?? undefined };
}

/** The same for whoever is signed in: token or cookie. */
export function authHeaders(method: Method): Record<string, string> {
  const { token, csrfToken } = credentials;
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  return method === 'GET' || csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken };
}

function headersOf(method: Method, options: RequestOptions): Record<string, string> {
  const { json, bytes, ifMatch, confirmationToken } = options;
  return {
    ...authHeaders(method),
    accept: 'application/json',
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(bytes && { 'content-type': 'application/octet-stream' }),
    ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    ...(confirmationToken !== undefined && { 'x-confirmation-token': confirmationToken }),
    ...(method === 'POST' && { 'idempotency-key': randomKey() }),
  };
}

/** A call whose answer was lost is made once more: reading is harmless, and a POST has its idempotency key. */
async function send(url: string, init: RequestInit): Promise<Response> {
  const isRepeatable = init.method === 'GET' || init.method === 'POST';
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    if (!isRepeatable) throw new ApiProblem(0);
  }
  await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
  return fetch(url, init).catch((error: unknown) => {
    throw init.signal?.aborted ? error : new ApiProblem(0);
  });
}

async function problemBody(response: Response): Promise<ProblemBody> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return {};
  return (await response.json().catch(() => ({}))) as ProblemBody;
}

const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
