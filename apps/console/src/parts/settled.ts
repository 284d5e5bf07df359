import { useDebouncedValue } from '@mantine/hooks';

const SETTLED_AFTER_MS = 250;

/** What somebody types, once they pause: so that not every letter asks the server. */
export function useSettled(text: string): string {
  const [settled] = useDebouncedValue(text.trim(), SETTLED_AFTER_MS);
  return settled;
}
