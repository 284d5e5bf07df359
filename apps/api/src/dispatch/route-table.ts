import { parseSessionId, type SessionId } from '../../../../libs/protocol/ids.js';
import { ID_MAX } from '../../../../libs/protocol/limits.js';
import type { PathParams, Route } from './route.js';

const INT8_MAX = 9_223_372_036_854_775_807n;
const SAFE_DIGITS = 15;
const REMEMBERED_MAX = 4_096;
const REMEMBERED_LENGTH_MAX = 200;
const REST = /^\{\w+\.\.\.\}$/;

export interface RouteMatch {
  /** By method. GET also serves HEAD. */
  routes: ReadonlyMap<string, Route>;
  params: MatchedParams;
}

interface Pattern {
  segments: readonly string[];
  routes: Map<string, Route>;
}

/** Finds routes by decoded path. A place in braces takes one segment, `{name...}` at the end takes all that is left. */
export class RouteTable {
  private readonly patterns = new Map<string, Pattern>();
  private readonly byLength = new Map<number, Pattern[]>();
  /** Those that end with `{name...}`. */
  private readonly openEnded: Pattern[] = [];
  /** Everybody who is up to date in a room asks for the same paths. */
  private readonly found = new Map<string, RouteMatch>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  /** Every route, for the API description and for tests. */
  *all(): Generator<Route> {
    for (const { routes } of this.patterns.values()) yield* routes.values();
  }

  /** Undefined for an unknown path; a path whose numbers are no int8 is an unknown one (protocol.md §4.1). */
  find(path: string): RouteMatch | undefined {
    const known = this.found.get(path);
    if (known) return known;
    const match = this.match(path);
    if (!match || path.length > REMEMBERED_LENGTH_MAX) return match;
    if (this.found.size >= REMEMBERED_MAX) this.found.clear();
    this.found.set(path, match);
    return match;
  }

  private match(path: string): RouteMatch | undefined {
    const segments = path.split('/');
    for (const pattern of this.byLength.get(segments.length) ?? []) {
      const params = matchSegments(pattern.segments, segments);
      if (params) return { routes: pattern.routes, params };
    }
    for (const pattern of this.openEnded) {
      const params = matchOpenEnded(pattern.segments, segments);
      if (params) return { routes: pattern.routes, params };
    }
    return undefined;
  }

  private add(route: Route): void {
    let pattern = this.patterns.get(route.path);
    if (!pattern) {
      pattern = { segments: route.path.split('/'), routes: new Map() };
      this.patterns.set(route.path, pattern);
      if (REST.test(pattern.segments.at(-1)!)) this.openEnded.push(pattern);
      else
        this.byLength.set(pattern.segments.length, [
          ...(this.byLength.get(pattern.segments.length) ?? []),
          pattern,
        ]);
    }
    if (pattern.routes.has(route.method)) throw new Error(`declared twice: ${route.method} ${route.path}`);
    pattern.routes.set(route.method, route);
  }
}

export class MatchedParams implements PathParams {
  /** The `{room}` segment as it stands in the path. */
  room: string | undefined;
  private readonly numbers: Record<string, number> = {};
  private sid: SessionId | undefined;
  private tail: string | undefined;

  /** False when the text is no value for this place. */
  accept(name: string, text: string): boolean {
    switch (name) {
      case 'room':
        this.room = text;
        return true;
      case 'sid':
        return (this.sid = parseSessionId(text)) !== undefined;
      default: {
        const value = parseInt8(text);
        if (value !== undefined) this.numbers[name] = value;
        return value !== undefined;
      }
    }
  }

  acceptRest(text: string): boolean {
    this.tail = text;
    return text !== '';
  }

  number(name: string): number {
    return this.present(this.numbers[name], name);
  }

  sessionId(): SessionId {
    return this.present(this.sid, 'sid');
  }

  rest(): string {
    return this.present(this.tail, '...');
  }

  private present<Value>(value: Value | undefined, name: string): Value {
    if (value === undefined) throw new Error(`the path has no place {${name}}`);
    return value;
  }
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): MatchedParams | undefined {
  const params = new MatchedParams();
  for (const [at, expected] of pattern.entries()) {
    const actual = segments[at]!;
    if (expected === actual) continue;
    if (!expected.startsWith('{') || !params.accept(expected.slice(1, -1), actual)) return undefined;
  }
  return params;
}

function matchOpenEnded(pattern: readonly string[], segments: readonly string[]): MatchedParams | undefined {
  const fixed = pattern.length - 1;
  if (segments.length < pattern.length) return undefined;
  const params = matchSegments(pattern.slice(0, fixed), segments);
  return params?.acceptRest(segments.slice(fixed).join('/')) ? params : undefined;
}

/** Non-negative decimal up to int8. Nothing in storage lies beyond 2^53, so larger ones are cut there. */
function parseInt8(text: string): number | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  if (text.length <= SAFE_DIGITS) return Number(text);
  const value = BigInt(text);
  if (value > INT8_MAX) return undefined;
  return value > BigInt(ID_MAX) ? ID_MAX : Number(value);
}
