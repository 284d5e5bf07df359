import { duration, formatDuration, formatSize, integer, size, type Bounds } from './setting-kinds.js';
import type { Setting } from './setting.js';

/** Its group is that of the table in which it stands. */
export type LimitSetting = Omit<Setting<number>, 'group'>;

type Maker<Limit> = (limit: Limit, bounds: Bounds, description: string) => LimitSetting;

/** What makes settings of limits whose defaults, in final units, are in `defaults`. */
export function limitSettings<Limit extends string>(
  defaults: Readonly<Record<Limit, number>>,
): { count: Maker<Limit>; bytes: Maker<Limit>; time: Maker<Limit> } {
  return {
    count: (limit, bounds, description) => ({
      kind: integer(bounds),
      default: String(defaults[limit]),
      description,
    }),
    bytes: (limit, bounds, description) => ({
      kind: size(bounds),
      default: formatSize(defaults[limit]),
      description,
    }),
    time: (limit, bounds, description) => ({
      kind: duration(bounds),
      default: formatDuration(defaults[limit]),
      description,
    }),
  };
}
