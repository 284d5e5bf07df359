import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

const NEAR_BOTTOM_PX = 80;

interface Bottom {
  scroller: RefObject<HTMLDivElement | null>;
  /** How many times something new came while one was reading further up. */
  unseen: number;
  go(): void;
}

/** Stays at the newest message as long as one looks at it, and tells of new ones otherwise. */
export function useBottom(newest: number | undefined): Bottom {
  const scroller = useRef<HTMLDivElement>(null);
  const isNear = useRef(true);
  const [unseen, setUnseen] = useState(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const look = (): void => {
      isNear.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_BOTTOM_PX;
      if (isNear.current) setUnseen(0);
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || newest === undefined) return;
    if (isNear.current) element.scrollTop = element.scrollHeight;
    else setUnseen((count) => count + 1);
  }, [newest]);
  const go = (): void => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  return { scroller, unseen, go };
}
