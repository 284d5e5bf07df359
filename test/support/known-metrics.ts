/** A metric as dashboard and alert rules may use it. */
interface KnownMetric {
  labels: readonly string[];
  /** What tells it from its first moment on, whatever has happened, so that a rule may say that it is missing. */
  atOnce?: readonly Teller[];
  /** Every process tells of one and the same thing, so that sums say nothing. */
  isShared?: true;
}

export type Teller = 'api' | 'worker';

const BOTH = ['api', 'worker'] as const;

export const KNOWN_METRICS: Readonly<Record<string, KnownMetric>> = {
  plaza_requests_total: { labels: ['route', 'status'] },
  plaza_request_duration_seconds_bucket: { labels: ['route', 'le'] },
  plaza_onion_failures_total: { labels: ['reason'] },
  plaza_auth_failures_total: { labels: ['reason'] },
  plaza_shed_total: { labels: ['reason'] },
  plaza_limited_total: { labels: ['limit'] },
  plaza_read_model_reads_total: { labels: ['model', 'outcome'] },
  plaza_read_model_failing_seconds: { labels: [], atOnce: ['api'] },
  plaza_database_up: { labels: [], isShared: true },
  plaza_database_pool: { labels: ['state'] },
  plaza_database_statements_total: { labels: ['statement'] },
  plaza_redis_up: { labels: [], isShared: true },
  plaza_redis_memory_used_bytes: { labels: [], isShared: true },
  plaza_redis_memory_max_bytes: { labels: [], isShared: true },
  plaza_nonces: { labels: [], isShared: true },
  plaza_nonces_max: { labels: [], isShared: true },
  plaza_last_backup_timestamp_seconds: { labels: [], isShared: true },
  plaza_worker_up: { labels: [], atOnce: BOTH },
  plaza_jobs: { labels: ['queue', 'state'], isShared: true },
  plaza_jobs_finished_total: { labels: ['queue', 'outcome'] },
  plaza_moderation_actions_total: { labels: ['action'] },
  plaza_process_memory_bytes_max: { labels: [], atOnce: BOTH },
  process_cpu_seconds_total: { labels: [], atOnce: BOTH },
  process_resident_memory_bytes: { labels: [], atOnce: BOTH },
  nodejs_eventloop_lag_p99_seconds: { labels: [], atOnce: BOTH },
};

/** Prometheus' own, of each target. */
export const TARGET_METRIC = 'up';

/** What Prometheus itself adds to every series. */
export const TARGET_LABELS = ['job', 'instance', 'component'];
