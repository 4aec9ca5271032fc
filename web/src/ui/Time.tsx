import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { distance } from '../lib/format';
import { formatTime, formatUtc } from '../lib/time';

interface Props {
  at: string;
  /** Reachable by Tab, so that the keyboard shows UTC too; not in long lists. */
  focus?: boolean;
}

/** An absolute time in Vietnam's zone, UTC when pointed at or focused. */
export function Time({ at, ms, focus }: Props & { ms?: boolean }) {
  return (
    <time dateTime={at} className="la-num la-nowrap" data-tip={formatUtc(at)} tabIndex={focus ? 0 : undefined}>
      {formatTime(at, { ms: ms ?? false })}
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
export function Ago({ at, focus }: Props) {
  const { t } = useTranslation();
  const current = useNow();
  const { unit, count } = distance(Date.parse(at), current);
  const text = unit === 'second' ? t('ago.now') : t(`ago.${unit}`, { count });
  return (
    <time dateTime={at} className="la-nowrap" data-tip={`${formatTime(at)}\n${formatUtc(at)}`} tabIndex={focus ? 0 : undefined}>
      {text}
    </time>
  );
}
