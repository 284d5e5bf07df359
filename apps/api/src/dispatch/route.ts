import type { z } from 'zod';
import type { Identity } from '../../../../libs/auth/identity.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import type { WireError } from '../../../../libs/protocol/errors.js';
import type { SessionId } from '../../../../libs/protocol/ids.js';
import type { WireRequest, WireResponse } from '../../../../libs/protocol/wire.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
/** `blinded` also refuses users with a 05 id. */
export type AuthLevel = 'public' | 'user' | 'blinded';
/** What the caller needs in the room that the path names (protocol.md §3, "What a refusal looks like"). */
export type AccessLevel = 'known' | 'accessible' | 'read' | 'write' | 'upload' | 'moderator' | 'admin';

/** Where a request came from. A part of a batch or sequence keeps the identity of the outer request. */
export type Origin = Carrier | PartOrigin;
interface Answerable {
  /** Whether somebody still waits for the answer. */
  isAwaited(this: void): boolean;
}
export interface Carrier extends Answerable {
  carrier: 'http' | 'onion';
}
export interface PartOrigin extends Answerable {
  carrier: 'batch';
  partOf: Identity | undefined;
  /** For a user who could not be let in, and so is nobody: what the user is told where one is due. */
  turnedAway?: WireError | undefined;
}

/** Values of the `{…}` places of a path. */
export interface PathParams {
  /** `{id}`, `{seqno}`, `{infoUpdates}`: a non-negative int8, at most 2^53 - 1. */
  number(name: string): number;
  /** `{sid}`, in lower case. */
  sessionId(): SessionId;
  /** `{emoji...}`: the rest of the path, slashes included, never empty. */
  rest(): string;
}

export interface RouteInput<
  Query,
  Body,
  Auth extends AuthLevel,
  Access extends AccessLevel | undefined,
> extends Answerable {
  request: WireRequest;
  params: PathParams;
  query: Query;
  body: Body;
  identity: Auth extends 'public' ? Identity | undefined : Identity;
  access: Access extends AccessLevel ? RoomAccess : undefined;
  /** Runs a part with this request's identity; never throws. */
  runPart(part: WireRequest): Promise<WireResponse>;
}

export interface RouteOptions<
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  Auth extends AuthLevel,
  Access extends AccessLevel | undefined,
> {
  method: Method;
  /** Segments, with places in braces: `{room}`, `{sid}`, numbers, and at the end `{name...}` (see PathParams). */
  path: `/${string}`;
  /** One line for the OpenAPI description. */
  summary: string;
  auth: Auth;
  /** Left out for routes without a room in their path. */
  access?: Access;
  /** Over an object of first values; unknown parameters are ignored. */
  query?: Query;
  /** Over the parsed JSON body; left out when the body is not looked at, or is bytes. */
  body?: Body;
  /** Reads what most bodies look like faster than `body` does, to the same effect; undefined: `body` has to look. */
  ordinaryBody?(json: unknown): OutputOf<Body> | undefined;
  /** What the body looks like as a whole, where `body` checks only its first step; for the OpenAPI description. */
  wholeBody?: z.ZodType;
  /** Set where the body is bytes rather than JSON. */
  takesBytes?: true;
  /** The successful answer's schema, for the OpenAPI description; `bytes` for a file. */
  response: z.ZodType | 'bytes';
  /** Status of success, if not 200; for the OpenAPI description. */
  successStatus?: 201;
  /** Whether a user who reads this counts as active in the room (protocol.md §4.1). */
  countsAsVisit?: boolean;
  /** In units of a read (user-costs.ts); 1 for GET if left out, 5 and one a KiB for others. */
  cost?: number;
  /** Carriers in which this is refused with 400: batches do not nest, nor do onions (protocol.md §9, §10). */
  refusedInside?: readonly ('batch' | 'onion')[];
  handle(
    input: RouteInput<OutputOf<Query>, OutputOf<Body>, Auth, Access>,
  ): Promise<WireResponse> | WireResponse;
}

type OutputOf<Schema extends z.ZodType | undefined> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A route as the dispatcher runs it, its types checked where it was declared. */
export type Route = RouteOptions<
  z.ZodType | undefined,
  z.ZodType | undefined,
  AuthLevel,
  AccessLevel | undefined
>;

/** A chapter of the protocol. */
export interface Handler {
  readonly routes: readonly Route[];
}

/** Declares a route; what `handle` gets follows from the schemas and levels beside it. */
export function route<
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  const Auth extends AuthLevel = AuthLevel,
  const Access extends AccessLevel | undefined = undefined,
>(options: RouteOptions<Query, Body, Auth, Access>): Route {
  return options as unknown as Route;
}
