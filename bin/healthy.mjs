// The health check of a container: 0 if the server answers, or where none runs, the worker.
const { PORT = '8080', WORKER_HEALTH_PORT = '8081' } = process.env;
const TIMEOUT_MS = 4_000;

const answers = await Promise.all([PORT, WORKER_HEALTH_PORT].map(isAlive));
process.exit(answers.includes(true) ? 0 : 1);

async function isAlive(port) {
  try {
    const url = `http://127.0.0.1:${port}/health/live`;
    return (await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })).ok;
  } catch {
    return false; // nobody listens, or nobody answers
  }
}
