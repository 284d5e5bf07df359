import fc from 'fast-check';
import { EMPTY_BODY, jsonResponse, textResponse, type WireResponse } from '../../../../libs/protocol/wire.js';
import { bundleResponse } from './bundle-response.js';

/** How the protocol describes it (protocol.md §9), made the long way. */
const described = (answers: readonly WireResponse[]): unknown =>
  answers.map(({ status, headers, body }) => ({
    code: status,
    headers,
    body:
      headers['content-type'] === 'application/json'
        ? (JSON.parse(body.toString()) as unknown)
        : body.toString('base64'),
  }));

const answer: fc.Arbitrary<WireResponse> = fc.oneof(
  fc
    .tuple(fc.jsonValue(), fc.constantFrom(200, 201, 412))
    .map(([value, status]) => jsonResponse(value, status)),
  fc.tuple(fc.constantFrom(400, 404, 503), fc.string()).map(([status, text]) => textResponse(status, text)),
  fc.uint8Array().map((bytes) => ({
    status: 200,
    headers: { 'content-type': 'application/octet-stream', date: 'Thu, 01 Jan 1970 00:00:00 GMT' },
    body: Buffer.from(bytes),
  })),
  fc.constant({ status: 304, headers: {}, body: EMPTY_BODY }),
);

describe('the answer to a batch', () => {
  it('is joined from its parts to what printing it as a whole would give', () => {
    fc.assert(
      fc.property(fc.array(answer), (answers) => {
        expect(bundleResponse(answers)).toEqual(jsonResponse(described(answers)));
      }),
    );
  });

  it('of nothing is an empty list', () => {
    expect(bundleResponse([]).body.toString()).toBe('[]');
  });

  it('keeps headers beside the content type', () => {
    const response = jsonResponse({});
    response.headers['retry-after'] = '5';
    expect(JSON.parse(bundleResponse([response]).body.toString())).toEqual([
      { code: 200, headers: { 'content-type': 'application/json', 'retry-after': '5' }, body: {} },
    ]);
  });
});
