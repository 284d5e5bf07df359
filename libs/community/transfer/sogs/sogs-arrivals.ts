import { Findings } from '../findings.js';
import type { Arrivals } from '../merge.js';
import type { Sogs } from './open-sogs.js';
import type { SogsCheck } from './sogs-check.js';
import { sumOf, uploadsOf } from './sogs-import.js';
import { sogsRows } from './sogs-rows.js';
import { SOGS_RULES } from './sogs-rules.js';

/** A checked database of the reference server, as something to be merged. */
export const sogsArrivals = (sogs: Sogs, check: SogsCheck, publicKey: string): Arrivals => ({
  publicKey,
  isVouchedFor: true, // whoever imports has the private key
  tokens: check.tokens,
  roomIds: check.roomIds,
  ranges: check.ranges,
  images: check.images,
  rowCount: sumOf(check.rows),
  fileCount: check.files.count,
  rows: (table) => sogsRows(table, { ...sogs, ...check.judgedBy, findings: new Findings(SOGS_RULES) }),
  uploads: () => uploadsOf(sogs, check),
});
