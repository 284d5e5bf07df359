/** Where specs find the PostgreSQL of the test run: a superuser's connection to the template database. */
export const SCRATCH_URL = 'SCRATCH_POSTGRES_URL';
