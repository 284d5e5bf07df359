import { at } from './address.js';
import { ask, askVersioned, type Versioned } from './request.js';
import type { Preview, Rules } from './types.js';

export type RulesKind = 'filters' | 'automod';

const PREVIEWED_MESSAGES = 200;

/** No room: the server's own. */
const path = (kind: RulesKind, room: string | undefined): string =>
  room === undefined ? at`/server/rules/${kind}` : at`/rooms/${room}/rules/${kind}`;

export const readRules = (kind: RulesKind, room?: string): Promise<Versioned<Rules>> =>
  askVersioned(path(kind, room));
export const writeRules = (
  kind: RulesKind,
  room: string | undefined,
  json: Rules,
  ifMatch?: string,
): Promise<void> => ask('PUT', path(kind, room), { json, ifMatch });
/** What these rules would do to the latest messages of a room. */
export const previewRules = (kind: RulesKind, room: string, rules: Rules): Promise<Preview> =>
  ask('POST', at`/rooms/${room}/rules/preview`, { json: { [kind]: rules, messages: PREVIEWED_MESSAGES } });
