import { decodeByteStrings, encodeByteStrings } from '../protocol/bencode.js';
import { badRequest } from '../protocol/errors.js';
import { parseJson } from '../protocol/json.js';
import { EMPTY_BODY, textResponse, type WireResponse } from '../protocol/wire.js';
import { asJsonObject, innerRequest, type OnionVersion } from './inner-request.js';

/**
 * Version 4 (protocol.md §10): a bencoded list of metadata JSON and, if there is one, the body, both ways; the
 * HTTP body is the raw encrypted bytes.
 */
export const onionV4: OnionVersion = {
  readRequest(plaintext, limits) {
    const [metadata, body] = decodeByteStrings(plaintext, 2) ?? [];
    if (!metadata) throw badRequest('not a bencoded list of one or two strings');
    if (metadata.length > limits.httpHeaderBytesMax) throw badRequest('the metadata is too long');
    const json = asJsonObject(parseJson(metadata, limits.jsonDepthMax));
    if (!json) throw badRequest('the metadata is not an object');
    return innerRequest(json, body ?? EMPTY_BODY, limits);
  },

  refusal: () => textResponse(400, 'Invalid v4 onion request'),

  writeResponse(response) {
    const metadata = JSON.stringify({ code: response.status, headers: answerHeaders(response) });
    return encodeByteStrings([Buffer.from(metadata), response.body]);
  },

  toHttpBody: (box) => box,
};

function answerHeaders(response: WireResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    const lowerCase = name.toLowerCase();
    if (lowerCase !== 'content-length') headers[lowerCase] = value;
  }
  return headers;
}
