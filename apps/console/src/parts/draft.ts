import { useState } from 'react';
import type { Versioned } from '../api/request.js';

export interface Draft<Value> {
  value: Value;
  /** Something was changed and not saved. */
  isChanged: boolean;
  /** The version that the changes started from. */
  etag: string | undefined;
  change(value: Value): void;
  /** Takes what the server has; what was changed is lost. */
  reset(): void;
}

/**
 * What somebody is editing, from the version that was loaded when they began. Newer versions are taken over while
 * nothing is changed, and left alone from then on: saving tells of the conflict.
 */
export function useDraft<Value>({ value, etag }: Versioned<Value>): Draft<Value> {
  const [edited, setEdited] = useState<Versioned<Value>>();
  return {
    value: edited ? edited.value : value,
    etag: edited ? edited.etag : etag,
    isChanged: edited !== undefined,
    change: (changed) => setEdited((before) => ({ value: changed, etag: before ? before.etag : etag })),
    reset: () => setEdited(undefined),
  };
}
