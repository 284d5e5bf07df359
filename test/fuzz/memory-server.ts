import { Dispatcher } from '../../apps/api/src/dispatch/dispatcher.js';
import { RouteTable } from '../../apps/api/src/dispatch/route-table.js';
import type { Carrier, Route } from '../../apps/api/src/dispatch/route.js';
import { FilesHandler } from '../../apps/api/src/handlers/files.handler.js';
import { HeldBytes } from '../../apps/api/src/held-bytes.js';
import { Authenticator } from '../../libs/auth/authenticator.js';
import type { FilesService } from '../../libs/community/files.service.js';
import type { RoomAccess } from '../../libs/community/room-access.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import { serverKeysOf } from '../../libs/crypto/server-keys.js';
import { OnionGateway } from '../../libs/onion-gateway/onion-gateway.js';
import { storedFileName } from '../../libs/protocol/file-name.js';
import { DEFAULT_LIMITS } from '../../libs/protocol/limits.js';
import { jsonResponse, type WireRequest, type WireResponse } from '../../libs/protocol/wire.js';
import { declaredRoutes } from '../support/declared-routes.js';
import { MemoryUsers } from '../support/memory-auth-ports.js';

const crypto = selectCryptoBackend('sodium');
const LIMITS = DEFAULT_LIMITS;

/** Everybody may do everything in the one room. */
const ACCESS = {
  room: { id: 1, token: 'lobby' },
  accessible: true,
  read: true,
  write: true,
  upload: true,
  moderator: true,
  admin: true,
} as unknown as RoomAccess;

/**
 * All that a request goes through before a service is called, and nothing behind it: onion gateway, authenticator, route
 * table, query and body schemas, batches, names of files. So thousands of requests a second can be made of hostile bytes.
 */
export class MemoryServer {
  readonly paths: string[];
  readonly keys = serverKeysOf(crypto, Buffer.alloc(32, 9));
  readonly gateway = new OnionGateway({ crypto, serverKeys: this.keys, limits: LIMITS });
  private readonly dispatcher: Dispatcher;

  private constructor(routes: Route[]) {
    this.paths = [...new Set(routes.map(({ path }) => path))];
    this.dispatcher = new Dispatcher({
      routes: new RouteTable(routes),
      authenticator: this.authenticator(),
      gate: { find: () => Promise.resolve(ACCESS), admit: () => undefined },
      activity: { seen: () => undefined, visited: () => undefined },
      costs: { billFor: () => ({ pay: () => undefined, giveBack: () => undefined }) },
      newcomers: { beginToWrite: () => Promise.resolve() },
      jsonDepthMax: LIMITS.jsonDepthMax,
    });
  }

  static async make(): Promise<MemoryServer> {
    return new MemoryServer((await declaredRoutes()).map(withoutService));
  }

  /** Throws for what a client would see as a failure of the server's. */
  async answer(request: WireRequest, carrier: Carrier['carrier'] = 'http'): Promise<WireResponse> {
    const { response, route } = await this.dispatcher.dispatch(request, { carrier, isAwaited: () => true });
    if (response.status >= 500 || response.body.includes('"code":5'))
      throw new Error(`${route} failed: ${response.body.toString().slice(0, 200)}`);
    return response;
  }

  /** An onion from its bytes to the bytes of its answer; undefined when it cannot be opened. */
  async answerOnion(envelope: Buffer, version: 3 | 4): Promise<Buffer | undefined> {
    const opened = openOrRefuse(() => this.gateway.open(envelope, version));
    if (!opened) return undefined;
    return 'refusal' in opened ? opened.refusal : opened.seal(await this.answer(opened.request, 'onion'));
  }

  /** Nonces may come twice here: what is looked for is not who was here before. */
  private authenticator(): Authenticator {
    return new Authenticator({
      crypto,
      serverPublicKey: this.keys.publicKey,
      blindingRequired: true,
      timestampSkewSecondsMax: LIMITS.timestampSkewSecondsMax,
      users: new MemoryUsers(),
      nonces: { has: () => false, remember: () => true },
      clock: { nowSeconds: () => Date.now() / 1000 },
    });
  }
}

function openOrRefuse<Opened>(open: () => Opened): Opened | undefined {
  try {
    return open();
  } catch (error) {
    const { name, status } = error as { name?: string; status?: number };
    if (name === 'WireError' && status === 400) return undefined;
    throw error;
  }
}

const uploads = {
  upload: (_identity: unknown, _access: unknown, body: Buffer, name: string | undefined) => {
    const stored = storedFileName(name ?? '', LIMITS.fileNameBytesMax);
    if (/[\0/]/.test(stored) || Buffer.byteLength(stored) > LIMITS.fileNameBytesMax)
      throw new Error(`stored as ${JSON.stringify(stored)}`);
    return Promise.resolve(body.length);
  },
} as unknown as FilesService;
const upload = new FilesHandler(uploads, new HeldBytes(Infinity)).routes[0]!;

/** Batches run their parts, uploads read their names; everything else is over when the handler is called. */
function withoutService(route: Route): Route {
  if (route.path === '/batch' || route.path === '/sequence') return route;
  if (route.method === 'POST' && route.path === upload.path) return upload;
  return { ...route, handle: () => jsonResponse({}) };
}
