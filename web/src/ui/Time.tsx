import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { distance } from '../lib/format';
import { formatTime, formatUtc } from '../lib/time';

interface Props {
  at: string;
}

/** Whether a time can be reached by Tab, so that the keyboard shows UTC too; in a list only in the row in hand. */
export const TimeFocus = createContext(true);

/** In what is focused itself, a time is not focused beside it: its tip comes with it. */
const outer = 'a,button,[role="button"],[role="tab"],[role="option"],[role="menuitem"]';

/** The ref of a time that has a tip: the keyboard reaches it where nothing around it can be focused. */
export function useTabStop() {
  const allowed = useContext(TimeFocus);
  return useCallback(
    (element: HTMLElement | null) => {
      if (!element) return;
      if (allowed && !element.closest(outer)) element.tabIndex = 0;
      else element.removeAttribute('tabindex');
    },
    [allowed],
  );
}

/** An absolute time in Vietnam's zone, or its clock alone; UTC when pointed at, focused or tapped. */
export function Time({ at, ms, clock }: Props & { ms?: boolean; clock?: boolean }) {
  const stop = useTabStop();
  return (
    <time ref={stop} dateTime={at} className="la-num la-nowrap" data-tip={formatUtc(at)}>
      {formatTime(at, { ms: ms ?? false }).slice(clock ? 11 : 0)}
    </time>
  );
}

// One clock for all relative times on the page.
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  // The clock stands still while nobody looks at it.
  if (timer === undefined) now = Date.now();
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const l of listeners) l();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** "5 phút trước", with the exact time when pointed at or focused. */
export function Ago({ at }: Props) {
  const { t } = useTranslation();
  const stop = useTabStop();
  const current = useNow();
  const { unit, count } = distance(Date.parse(at), current);
  const text = unit === 'second' ? t('ago.now') : t(`ago.${unit}`, { count });
  return (
    <time ref={stop} dateTime={at} className="la-nowrap" data-tip={`${formatTime(at)}\n${formatUtc(at)}`}>
      {text}
    </time>
  );
}
