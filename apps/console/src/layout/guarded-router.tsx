import { Text } from '@mantine/core';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { Router, type AroundNavHandler } from 'wouter';
import { FormDialog } from '../parts/form-dialog.jsx';
import { forgetUnsaved, unsavedAt } from '../parts/unsaved-changes.js';

/** Asks before somebody leaves what they have not saved (parts/unsaved-changes.ts). */
export function GuardedRouter({ base, children }: { base: string; children: ReactNode }) {
  const [leave, setLeave] = useState<() => void>();
  const guard = useCallback<AroundNavHandler>((navigate, to, options) => {
    const go = (): void => navigate(to, options);
    if (unsavedAt() === undefined || to === window.location.pathname) go();
    else setLeave(() => go);
  }, []);
  useEffect(() => guardHistory((go) => setLeave(() => go)), []);
  const stay = (): void => setLeave(undefined);
  return (
    <>
      <Router base={base} aroundNav={guard}>
        {children}
      </Router>
      <FormDialog
        title="Leave without saving?"
        isOpen={leave !== undefined}
        onClose={stay}
        onSubmit={() => {
          stay();
          forgetUnsaved();
          leave?.();
        }}
        submit="Leave"
        isDanger
      >
        <Text>What you changed here is not saved, and will be lost.</Text>
      </FormDialog>
    </>
  );
}

/** Back and forward, of which one hears afterwards, and the end of the page, where the browser itself asks. */
function guardHistory(ask: (go: () => void) => void): () => void {
  const keepHere = (event: PopStateEvent): void => {
    const address = unsavedAt();
    if (address === undefined || new URL(address).pathname === window.location.pathname) return;
    // The router must not hear of it. What is put on top leads back to where one was going.
    event.stopImmediatePropagation();
    window.history.pushState(null, '', address);
    ask(() => window.history.back());
  };
  const keepPage = (event: BeforeUnloadEvent): void => {
    if (unsavedAt() !== undefined) event.preventDefault();
  };
  window.addEventListener('popstate', keepHere, { capture: true });
  window.addEventListener('beforeunload', keepPage);
  return () => {
    window.removeEventListener('popstate', keepHere, { capture: true });
    window.removeEventListener('beforeunload', keepPage);
  };
}
