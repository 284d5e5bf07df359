/** What a `datetime-local` input holds, in the time zone of whoever looks, as the API takes it; empty for nothing. */
export function momentOf(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
