import { connect, type Socket } from 'node:net';
import type { HttpAnswer } from './session-client.js';

/** HTTP byte by byte, for what Node's client would not send. */

/** Later than the server closes who does not go on (20 s), sooner than who rests between two requests (65 s). */
const TIMEOUT_MS = 45_000;

/** An open connection; errors on it (the server may hang up at any time) are left to whoever reads. */
export function openConnection({ base }: { base: string }): Socket {
  const { hostname, port } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port) });
  return socket.on('error', () => undefined);
}

/** Sends bytes on a connection of their own and reads until the server closes it. */
export function exchange(at: { base: string }, ...pieces: (string | Buffer)[]): Promise<string> {
  return readToEnd(sent(at, pieces));
}

export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.setTimeout(TIMEOUT_MS, () => {
      socket.destroy();
      reject(new Error(`the connection stays open; so far: ${Buffer.concat(chunks).toString('latin1')}`));
    });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

interface RawRequest {
  method: string;
  /** May hold anything but spaces and line ends. */
  target: string | Buffer;
  headers?: Record<string, string>;
  body?: Buffer | undefined;
}

/** One request in raw bytes, after which the server closes. */
export async function rawRequest(at: { base: string }, request: RawRequest): Promise<HttpAnswer> {
  return parseAnswer(await exchange(at, ...piecesOf(request)));
}

/** The same, with nobody to read the answer yet. */
export function sendRequest(at: { base: string }, request: RawRequest): Socket {
  return sent(at, piecesOf(request));
}

function sent(at: { base: string }, pieces: readonly (string | Buffer)[]): Socket {
  const socket = openConnection(at);
  for (const piece of pieces) socket.write(piece);
  return socket;
}

function piecesOf({ method, target, headers = {}, body }: RawRequest): (string | Buffer)[] {
  const all: Record<string, string> = {
    Host: 'localhost',
    Connection: 'close',
    ...headers,
    ...(body && { 'Content-Length': String(body.length) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return [`${method} `, target, ` HTTP/1.1\r\n${lines.join('')}\r\n`, body ?? ''];
}

/** The only answer in there, in Latin-1. */
export function parseAnswer(text: string): HttpAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    body: Buffer.from(rest.join('\r\n\r\n'), 'latin1'),
  };
}
