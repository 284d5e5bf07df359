import { badRequest, notFound } from '../protocol/errors.js';
import { parseJson } from '../protocol/json.js';
import { EMPTY_BODY, textResponse } from '../protocol/wire.js';
import { asJsonObject, innerRequest, type OnionVersion } from './inner-request.js';

const METHODS_WITH_BODY: readonly unknown[] = ['POST', 'PUT'];

/**
 * Version 3 (protocol.md §10): one JSON object with the body as a string in it. The answer has no headers: it is
 * the body, or the status alone when that is not 2xx; the HTTP body is base64.
 */
export const onionV3: OnionVersion = {
  readRequest(plaintext, limits) {
    const json = asJsonObject(parseJson(plaintext, limits.jsonDepthMax));
    if (!json) throw badRequest('not an object');
    const body = requestBody(json);
    // Clients from before 2022 call endpoints of an older interface, which had no leading slash.
    if (typeof json['endpoint'] === 'string' && !json['endpoint'].startsWith('/')) throw notFound();
    return innerRequest(json, body, limits);
  },

  refusal: (status) => textResponse(status, ''),

  writeResponse: ({ status, body }) =>
    status >= 200 && status < 300 ? body : Buffer.from(JSON.stringify({ status_code: status })),

  toHttpBody: (box) => Buffer.from(box.toString('base64'), 'latin1'),
};

/** Old Android clients send the four characters `null` with a GET when they mean no body at all. */
function requestBody({ method, body }: Record<string, unknown>): Buffer {
  if (body === undefined || body === null || body === '') return EMPTY_BODY;
  if (typeof body !== 'string') throw badRequest('body must be a string');
  if (METHODS_WITH_BODY.includes(method)) return Buffer.from(body);
  if (body !== 'null') throw badRequest('this method takes no body');
  return EMPTY_BODY;
}
