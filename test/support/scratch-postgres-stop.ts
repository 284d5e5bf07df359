import { stopScratchPostgres } from './scratch-postgres.js';

/** Jest's globalTeardown. Same process as the setup, so this is the module that holds what was started. */
export default stopScratchPostgres;
