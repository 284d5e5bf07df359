/** In the environment of specs: a superuser's connection to the template database of the test run. */
export const SCRATCH_URL = 'SCRATCH_POSTGRES_URL';
/** The folder of the test run, which everything else is made in. */
export const SCRATCH_ROOT = 'SCRATCH_ROOT';
