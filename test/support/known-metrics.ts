/** The metrics of Plaza with their labels, as dashboard and alert rules may use them. */
export const KNOWN_METRICS: Readonly<Record<string, readonly string[]>> = {
  plaza_requests_total: ['route', 'status'],
  plaza_request_duration_seconds_bucket: ['route', 'le'],
  plaza_onion_failures_total: ['reason'],
  plaza_auth_failures_total: ['reason'],
  plaza_read_model_reads_total: ['model', 'outcome'],
  plaza_read_model_age_seconds: [],
  plaza_database_pool: ['state'],
  plaza_database_statements_total: ['statement'],
  plaza_redis_up: [],
  plaza_nonces: [],
  plaza_jobs: ['queue', 'state'],
  plaza_jobs_finished_total: ['queue', 'outcome'],
  plaza_moderation_actions_total: ['action'],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  nodejs_eventloop_lag_p99_seconds: [],
};

/** What Prometheus itself adds to every series. */
export const TARGET_LABELS = ['job', 'instance', 'component'];
