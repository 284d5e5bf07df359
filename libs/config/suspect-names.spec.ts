import { SETTINGS } from './settings.js';
import { findSuspectNames } from './suspect-names.js';

/** Names seen on a desktop, in CI, in a container next to PostgreSQL and Redis, and under npm. */
const ORDINARY =
  `PATH HOME HOSTNAME HOST_IP PWD OLDPWD SHELL SHLVL TERM TZ LANG LC_ALL LOGNAME USER UID MAIL EDITOR PAGER
 TMPDIR TEMP DISPLAY COLORTERM CI DEBUG NODE_ENV NODE_VERSION NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS
 NO_COLOR FORCE_COLOR LOGFILE LOG_FILE LOG_FORMAT LOG_DIR PIDFILE ENV_FILE DATADOG_API_KEY DATABASE DATABASE_HOST
 DATABASE_PORT DATABASE_USER DATABASE_NAME DATABASE_PASSWORD DB_URL PGHOST PGPORT PGUSER PGPASSWORD PGDATA PGDATABASE
 PG_MAJOR POSTGRES_URL POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB REDIS_HOST REDIS_PORT REDIS_PASSWORD REDIS_TLS_URL
 REDIS_SERVICE_HOST REDIS_SERVICE_PORT REDIS_PORT_6379_TCP REDIS_PORT_6379_TCP_ADDR PLAZA KUBERNETES_SERVICE_HOST
 KUBERNETES_PORT_443_TCP HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy no_proxy SSH_AUTH_SOCK SSH_CLIENT SSH_TTY
 XDG_DATA_DIRS XDG_DATA_HOME XDG_CONFIG_DIRS XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS JOURNAL_STREAM INVOCATION_ID
 SYSTEMD_EXEC_PID LS_COLORS LESSOPEN HISTFILE KEYTIMEOUT SSL_CERT_FILE SSL_CERT_DIR YARN_VERSION NVM_DIR NVM_BIN
 npm_config_user_agent npm_lifecycle_event npm_package_name npm_node_execpath npm_execpath INIT_CWD COLUMNS LINES
 AWS_DEFAULT_REGION AWS_PROFILE AWS_ENDPOINT_URL_SQS AWS_CONTAINER_CREDENTIALS_FULL_URI S3_BUCKET S3_ENDPOINT API_PROCESSES UV_THREADPOOL_SIZE MAX_FILES
 GITHUB_ACTIONS GITHUB_TOKEN RUNNER_TEMP WEB_CONCURRENCY DYNO VIRTUAL_ENV PUBLIC_HOST SECRET_KEY KEY_ID KEYRING _`
    .trim()
    .split(/\s+/);

const of = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, 'x']));

describe('names in the environment', () => {
  it('are not suspect when they are ordinary', () =>
    expect(findSuspectNames(of(...ORDINARY), {})).toEqual([]));

  it('are not suspect when they are settings', () => {
    expect(findSuspectNames(of(...SETTINGS.keys()), {})).toEqual([]);
  });

  it.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['log_level', 'LOG_LEVEL'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['DATADIR', 'DATA_DIR'],
    ['DATA_DIRS', 'DATA_DIR'],
    ['PUBLIC_URI', 'PUBLIC_URL'],
    ['HTTP_BODY_BYTE_MAX', 'HTTP_BODY_BYTES_MAX'],
    ['REQUIRE_BLINDED_ID', 'REQUIRE_BLINDED_IDS'],
    ['RATE_LIMIT_POST', 'RATE_LIMIT_POSTS'],
    ['RATELIMITWINDOW', 'RATE_LIMIT_WINDOW'],
  ])('%s is taken for a slip of %s', (name, meant) => {
    expect(findSuspectNames(of(name), {})).toEqual([
      `The environment has ${name}, which is no setting. Did you mean ${meant}?`,
    ]);
  });

  it('are not suspect when the setting they resemble is set', () => {
    expect(findSuspectNames(of('DATABASE_URI', 'DATABASE_URL'), {})).toEqual([]);
    expect(findSuspectNames(of('DATABASE_URI'), of('DATABASE_URL'))).toEqual([]);
  });

  it('are suspect when they start with PLAZA_', () => {
    expect(findSuspectNames(of('PLAZA_COLOUR', 'PLAZA_PORT'), {})).toEqual([
      'The environment has PLAZA_COLOUR, which is no setting.',
      'The environment has PLAZA_PORT, which is no setting.',
    ]);
  });
});

describe('names in .env', () => {
  it('are suspect when they are no setting, however short', () => {
    expect(findSuspectNames({}, of('COLOUR', 'PROT', 'PORT2', 'LOG_LEVEL'))).toEqual([
      '.env sets COLOUR, which is no setting.',
      '.env sets PROT, which is no setting. Did you mean PORT?',
      '.env sets PORT2, which is no setting. Did you mean PORT?',
    ]);
  });

  it('are reported once, though npm or a shell exported them too', () => {
    expect(findSuspectNames(of('PLAZA_COLOUR'), of('PLAZA_COLOUR'))).toHaveLength(1);
  });
});
