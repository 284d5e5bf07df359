import { CONTENT_TYPE_JSON, type WireResponse } from '../../../../libs/protocol/wire.js';

const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');
const COMMA = Buffer.from(',');
const END_OF_PART = Buffer.from('}');
const END_OF_TEXT = Buffer.from('"}');
/** How nearly every part begins. */
const ORDINARY_HEAD = Buffer.from(headOf(200, { 'content-type': CONTENT_TYPE_JSON }));

/**
 * The answer to a batch (protocol.md §9), joined from the bytes of its parts: a body that is JSON goes in as it is,
 * any other as base64.
 */
export function bundleResponse(answers: readonly WireResponse[]): WireResponse {
  const pieces: Buffer[] = [];
  for (const answer of answers) pieces.push(pieces.length === 0 ? OPEN : COMMA, ...partOf(answer));
  if (pieces.length === 0) pieces.push(OPEN);
  pieces.push(CLOSE);
  return { status: 200, headers: { 'content-type': CONTENT_TYPE_JSON }, body: Buffer.concat(pieces) };
}

function partOf({ status, headers, body }: WireResponse): [Buffer, Buffer, Buffer] {
  if (headers['content-type'] !== CONTENT_TYPE_JSON)
    return [Buffer.from(`${headOf(status, headers)}"`), Buffer.from(body.toString('base64')), END_OF_TEXT];
  const isOrdinary = status === 200 && Object.keys(headers).length === 1;
  return [isOrdinary ? ORDINARY_HEAD : Buffer.from(headOf(status, headers)), body, END_OF_PART];
}

function headOf(status: number, headers: Record<string, string>): string {
  return `{"code":${status},"headers":${JSON.stringify(headers)},"body":`;
}
