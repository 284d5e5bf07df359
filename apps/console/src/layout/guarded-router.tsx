import { Text } from '@mantine/core';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { Router, type AroundNavHandler } from 'wouter';
import { FormDialog } from '../parts/form-dialog.jsx';
import { forgetUnsaved, LeaveContext, unsavedAt, type Leave } from '../parts/unsaved-changes.js';

/** Asks before somebody leaves what they have not saved (parts/unsaved-changes.ts). */
export function GuardedRouter({ base, children }: { base: string; children: ReactNode }) {
  const [asked, setAsked] = useState<() => void>();
  const leave = useCallback<Leave>((go) => {
    if (unsavedAt() === undefined) go();
    else setAsked(() => go);
  }, []);
  const guard = useCallback<AroundNavHandler>(
    (navigate, to, options) => {
      const go = (): void => navigate(to, options);
      if (to === window.location.pathname) go();
      else leave(go);
    },
    [leave],
  );
  useEffect(() => guardHistory(leave), [leave]);
  const stay = (): void => setAsked(undefined);
  return (
    <>
      <Router base={base} aroundNav={guard}>
        <LeaveContext value={leave}>{children}</LeaveContext>
      </Router>
      <FormDialog
        title="Leave without saving?"
        isOpen={asked !== undefined}
        onClose={stay}
        onSubmit={() => {
          stay();
          forgetUnsaved();
          asked?.();
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
function guardHistory(leave: Leave): () => void {
  const keepHere = (event: PopStateEvent): void => {
    const address = unsavedAt();
    if (address === undefined || new URL(address).pathname === window.location.pathname) return;
    // The router must not hear of it. What is put on top leads back to where one was going.
    event.stopImmediatePropagation();
    window.history.pushState(null, '', address);
    leave(() => window.history.back());
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
