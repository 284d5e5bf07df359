/** Jest's globalTeardown. Same process as the setup, so the module is the one that holds what was started. */
export default async function stop(): Promise<void> {
  const { stopScratchPostgres } = await import('./scratch-postgres.js');
  await stopScratchPostgres();
}
