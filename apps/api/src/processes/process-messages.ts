import type { MetricValues } from '../../../../libs/metrics/member-totals.js';
import type { DatabaseServer } from '../../../../libs/storage/database-server.js';

/** What the processes of one server say to each other. Requests of clients never go this way. */

/** From the primary to a new process: what it is to be. */
export interface Assignment {
  kind: 'assignment';
  /** One of them makes the first room, and runs the worker if it is to run inside. */
  leads: boolean;
  database: Pick<DatabaseServer, 'url' | 'kind'>;
}

/** From the primary to all, whenever it changes. */
export interface Census {
  kind: 'census';
  running: number;
  wanted: number;
  /** The whole server is about to stop. */
  isEnding: boolean;
}

/** From the primary: somebody looks at the metrics. */
export interface MetricsWanted {
  kind: 'metrics wanted';
}

/** From a process to the primary: at its start, when it is asked, and before it ends. */
export interface MetricsTold {
  kind: 'metrics';
  values: readonly MetricValues[];
}

/** From a process to the primary: it serves. */
export interface Started {
  kind: 'started';
  port: number;
  /** From the one that leads: what to tell the person at the terminal. */
  welcome?: string;
}
