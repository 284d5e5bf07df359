import { Logger } from '@nestjs/common';
import { ZodError } from 'zod';
import type { Authenticator } from '../../../../libs/auth/authenticator.js';
import type { Identity } from '../../../../libs/auth/identity.js';
import type { ActivityRecorder } from '../../../../libs/community/activity-recorder.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import {
  badRequest,
  blindedRequired,
  methodNotAllowed,
  notFound,
  unauthorized,
  unavailable,
  WireError,
} from '../../../../libs/protocol/errors.js';
import { Tally } from '../../../../libs/metrics/tally.js';
import { parseJson } from '../../../../libs/protocol/json.js';
import { UnavailableError } from '../../../../libs/protocol/unavailable-error.js';
import { textResponse, type WireRequest, type WireResponse } from '../../../../libs/protocol/wire.js';
import { QueryReader } from './query-reader.js';
import type { RoomGate } from './room-gate.js';
import type { AuthLevel, Origin, Route, RouteInput } from './route.js';
import type { RouteMatch, RouteTable } from './route-table.js';

const RETRY_AFTER_SECONDS = 5;
/** What a log calls a path that is none. */
export const UNKNOWN_ROUTE = 'unknown';

/** Parts of batches too. */
const REQUESTS = new Tally('plaza_requests_total', 'Requests of the protocol, by route and status', [
  'route',
  'status',
]);
const AUTH_FAILURES = new Tally(
  'plaza_auth_failures_total',
  'Requests whose signature was refused, by reason',
  ['reason'],
);
const AUTH_PREFIX = 'Invalid authentication: ';

export interface DispatcherParts {
  routes: RouteTable;
  authenticator: Pick<Authenticator, 'authenticate'>;
  gate: Pick<RoomGate, 'find' | 'admit'>;
  activity: Pick<ActivityRecorder, 'seen' | 'visited'>;
  jsonDepthMax: number;
}

/** An answer, and the route it came from as the log names it. */
export interface Dispatched {
  response: WireResponse;
  route: string;
}

/**
 * The one pipeline of all protocol requests: authentication → route (404, 405) → room (404) → user level (401) →
 * access (403, 404) → shape (400) → handler. The only place that turns errors into responses; never throws.
 */
export class Dispatcher {
  private readonly log = new Logger('dispatcher');
  private readonly queries = new QueryReader();

  constructor(private readonly parts: DispatcherParts) {}

  /** Whether the protocol has something at this path, with whatever method. */
  knows(path: string): boolean {
    return this.parts.routes.find(path) !== undefined;
  }

  async dispatch(request: WireRequest, origin: Origin): Promise<Dispatched> {
    const match = this.parts.routes.find(request.path);
    const route = match && routeFor(match, request.method);
    const label = route ? `${route.method} ${route.path}` : UNKNOWN_ROUTE;
    const response = await this.run(request, origin, match, route).catch((error: unknown) =>
      this.refusal(error, label),
    );
    REQUESTS.add(label, String(response.status));
    return { response, route: label };
  }

  private async run(
    request: WireRequest,
    origin: Origin,
    match: RouteMatch | undefined,
    route: Route | undefined,
  ): Promise<WireResponse> {
    const identity = typeof origin === 'object' ? origin.partOf : await this.authenticate(request);
    if (!match) throw notFound();
    if (!route) throw methodNotAllowed(methodsOf(match));
    refuseNesting(route, origin);
    const access = await this.enterRoom(route, match, identity);
    const input: RouteInput<unknown, unknown, AuthLevel, undefined> = {
      request,
      params: match.params,
      query: this.queries.read(route, request.rawQuery),
      body: route.body && readBody(route, parseJson(request.body, this.parts.jsonDepthMax)),
      identity: identity as Identity,
      access: access as undefined,
      runPart: async (part) => (await this.dispatch(part, { partOf: identity })).response,
    };
    return route.handle(input as Parameters<Route['handle']>[0]);
  }

  private async authenticate(request: WireRequest): Promise<Identity | undefined> {
    const identity = await this.parts.authenticator.authenticate(request).catch(countFailure);
    if (identity) this.parts.activity.seen(identity.user.id);
    return identity;
  }

  /** A room that is not there is 404 for everybody, before a user is asked for (protocol.md §3). */
  private async enterRoom(
    route: Route,
    { params }: RouteMatch,
    identity: Identity | undefined,
  ): Promise<RoomAccess | undefined> {
    const { access: level } = route;
    const access =
      level && params.room !== undefined ? await this.parts.gate.find(params.room, identity) : undefined;
    checkLevel(route.auth, identity);
    if (!level || !access) return undefined;
    this.parts.gate.admit(access, level);
    if (route.countsAsVisit && identity) this.parts.activity.visited(access.room.id, identity.user.id);
    return access;
  }

  private refusal(error: unknown, route: string): WireResponse {
    if (error instanceof WireError) return wireErrorResponse(error);
    if (error instanceof ZodError) return wireErrorResponse(badRequest(describe(error)));
    if (error instanceof UnavailableError) {
      this.log.warn(`${route}: ${error.message}`);
      return wireErrorResponse(unavailable(RETRY_AFTER_SECONDS));
    }
    this.log.error(`${route} failed`, error instanceof Error ? error.stack : String(error));
    return textResponse(500, 'Internal Server Error');
  }
}

function countFailure(error: unknown): never {
  if (error instanceof WireError) AUTH_FAILURES.add(error.text.replace(AUTH_PREFIX, ''));
  throw error;
}

function routeFor({ routes }: RouteMatch, method: string): Route | undefined {
  return routes.get(method === 'HEAD' ? 'GET' : method);
}

const methodsOf = ({ routes }: RouteMatch): string[] => [
  ...routes.keys(),
  ...(routes.has('GET') ? ['HEAD'] : []),
];

function refuseNesting(route: Route, origin: Origin): void {
  const carrier = typeof origin === 'object' ? 'batch' : origin;
  if (route.refusedInside?.some((refused) => refused === carrier))
    throw badRequest(
      `${route.path} is not possible inside ${carrier === 'batch' ? 'a batch' : 'an onion request'}`,
    );
}

function checkLevel(level: AuthLevel, identity: Identity | undefined): void {
  if (level === 'public') return;
  if (!identity) throw unauthorized();
  if (level === 'blinded' && !identity.blinded) throw blindedRequired();
}

const readBody = (route: Route, json: unknown): unknown =>
  route.ordinaryBody?.(json) ?? route.body?.parse(json);

const wireErrorResponse = (error: WireError): WireResponse => {
  const response = textResponse(error.status, error.text);
  return { ...response, headers: { ...response.headers, ...error.headers } };
};

function describe(error: ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'The request is not valid';
  const place = issue.path.join('.');
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}
