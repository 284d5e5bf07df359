import { ZodError } from 'zod';
import type { Authenticator } from '../../../../libs/auth/authenticator.js';
import type { Identity } from '../../../../libs/auth/identity.js';
import type { Bill } from '../../../../libs/auth/ports.js';
import type { ActivityRecorder } from '../../../../libs/community/activity-recorder.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { TurnedAwayError, type NewcomersService } from '../../../../libs/community/newcomers.service.js';
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
import { placeText } from '../../../../libs/protocol/place-text.js';
import { traced, type SpanOutcome } from '../../../../libs/tracing/spans.js';
import { UnavailableError } from '../../../../libs/protocol/unavailable-error.js';
import {
  errorResponse,
  textResponse,
  type WireRequest,
  type WireResponse,
} from '../../../../libs/protocol/wire.js';
import { FailureLog } from '../failure-log.js';
import { QueryReader } from './query-reader.js';
import type { RoomGate } from './room-gate.js';
import type { UserCosts } from './user-costs.js';
import type { AuthLevel, Carrier, Origin, PartOrigin, Route, RouteInput } from './route.js';
import type { RouteMatch, RouteTable } from './route-table.js';

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

const NOTHING_MORE = {};
const spanOutcome = ({ status }: WireResponse): SpanOutcome => ({
  attributes: { 'http.response.status_code': status },
  isFailure: status >= 500,
});

export interface DispatcherParts {
  routes: RouteTable;
  authenticator: Pick<Authenticator, 'authenticate'>;
  gate: Pick<RoomGate, 'find' | 'admit'>;
  activity: Pick<ActivityRecorder, 'seen' | 'visited'>;
  costs: Pick<UserCosts, 'billFor'>;
  newcomers: Pick<NewcomersService, 'beginToWrite'>;
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
  private readonly log = new FailureLog('dispatcher');
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
    const run = (): Promise<WireResponse> =>
      this.run(request, origin, match, route).catch((error: unknown) => this.refusal(error, label));
    const response = await traced(label, NOTHING_MORE, run, spanOutcome);
    REQUESTS.add(label, String(response.status));
    return { response, route: label };
  }

  private async run(
    request: WireRequest,
    origin: Origin,
    match: RouteMatch | undefined,
    route: Route | undefined,
  ): Promise<WireResponse> {
    const bill = this.parts.costs.billFor(route, request.body.length);
    const caller = origin.carrier === 'batch' ? origin : await this.authenticate(request, bill, origin);
    const identity = caller.partOf;
    if (identity) bill.pay(identity.user);
    if (!match) throw notFound();
    if (!route) throw methodNotAllowed(methodsOf(match));
    refuseNesting(route, origin);
    const access = await this.enterRoom(route, match, caller);
    const input: RouteInput<unknown, unknown, AuthLevel, undefined> = {
      request,
      params: match.params,
      query: this.queries.read(route, request.rawQuery),
      body: route.body && readBody(route, parseJson(request.body, this.parts.jsonDepthMax)),
      identity: identity as Identity,
      access: access as undefined,
      runPart: async (part) => (await this.dispatch(part, caller)).response,
      isAwaited: caller.isAwaited,
    };
    return route.handle(input as Parameters<Route['handle']>[0]);
  }

  private async authenticate(request: WireRequest, bill: Bill, { isAwaited }: Carrier): Promise<PartOrigin> {
    const caller = { carrier: 'batch', isAwaited } as const;
    try {
      const identity = await traced('authenticate', NOTHING_MORE, () =>
        this.parts.authenticator.authenticate(request, bill),
      );
      if (identity) this.parts.activity.seen(identity.user.id);
      return { ...caller, partOf: identity };
    } catch (error) {
      if (error instanceof TurnedAwayError)
        return { ...caller, partOf: undefined, turnedAway: error.refusal };
      if (error instanceof WireError && error.status !== 429)
        AUTH_FAILURES.add(error.text.replace(AUTH_PREFIX, ''));
      throw error;
    }
  }

  /** A room that is not there is 404 for everybody, before a user is asked for (protocol.md §3). */
  private async enterRoom(
    route: Route,
    { params }: RouteMatch,
    { partOf: identity, turnedAway }: PartOrigin,
  ): Promise<RoomAccess | undefined> {
    const { access: level } = route;
    const access =
      level && params.room !== undefined ? await this.parts.gate.find(params.room, identity) : undefined;
    checkLevel(route.auth, identity, turnedAway);
    if (!level || !access) return undefined;
    this.parts.gate.admit(access, level);
    if (route.method !== 'GET' && identity && !access.moderator)
      await this.parts.newcomers.beginToWrite(identity.user.id, access.room.id);
    if (route.countsAsVisit && identity) this.parts.activity.visited(access.room.id, identity.user.id);
    return access;
  }

  private refusal(error: unknown, route: string): WireResponse {
    if (error instanceof WireError) return errorResponse(error);
    if (error instanceof ZodError) return errorResponse(badRequest(describe(error)));
    if (error instanceof UnavailableError) {
      this.log.unavailable(route, error);
      return errorResponse(unavailable());
    }
    this.log.failed(route, error);
    return textResponse(500, 'Internal Server Error');
  }
}

function routeFor({ routes }: RouteMatch, method: string): Route | undefined {
  return routes.get(method === 'HEAD' ? 'GET' : method);
}

const methodsOf = ({ routes }: RouteMatch): string[] => [
  ...routes.keys(),
  ...(routes.has('GET') ? ['HEAD'] : []),
];

function refuseNesting(route: Route, { carrier }: Origin): void {
  if (route.refusedInside?.some((refused) => refused === carrier))
    throw badRequest(
      `${route.path} is not possible inside ${carrier === 'batch' ? 'a batch' : 'an onion request'}`,
    );
}

function checkLevel(
  level: AuthLevel,
  identity: Identity | undefined,
  turnedAway: WireError | undefined,
): void {
  if (level === 'public') return;
  if (!identity) throw turnedAway ?? unauthorized();
  if (level === 'blinded' && !identity.blinded) throw blindedRequired();
}

const readBody = (route: Route, json: unknown): unknown =>
  route.ordinaryBody?.(json) ?? route.body?.parse(json);

function describe(error: ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'The request is not valid';
  return placeText({ path: issue.path.join('.'), message: issue.message });
}
