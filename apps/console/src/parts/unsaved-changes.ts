import { createContext, useContext, useEffect } from 'react';

/** Forms in which something was changed and not saved, each with the address it is at. */
const forms = new Map<symbol, string>();

/** While something is changed, nobody leaves without being asked: by a link, back, or closing the tab. */
export function useUnsavedChanges(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return undefined;
    const form = Symbol('form');
    forms.set(form, window.location.href);
    return () => void forms.delete(form);
  }, [isChanged]);
}

/** Where something is not saved; undefined when nothing is. */
export const unsavedAt = (): string | undefined => forms.values().next().value;

/** Does what ends this page, at once or once somebody agreed that what is not saved is lost. */
export type Leave = (go: () => void) => void;
export const LeaveContext = createContext<Leave>((go) => go());
export const useLeave = (): Leave => useContext(LeaveContext);

/** It was given up, or what it belongs to is gone. */
export const forgetUnsaved = (): void => forms.clear();
