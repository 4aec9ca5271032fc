import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { distance } from '../lib/format';
import { formatTime, formatUtc } from '../lib/time';

/** An absolute time in Vietnam's zone, UTC when pointed at or focused. */
export function Time({ at, ms }: { at: string; ms?: boolean }) {
  return (
    <Tooltip label={<span className="la-num">{formatUtc(at)}</span>}>
      <time dateTime={at} className="la-num" style={{ whiteSpace: 'nowrap' }}>
        {formatTime(at, { ms: ms ?? false })}
      </time>
    </Tooltip>
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

/** "5 phút trước", with the exact time when pointed at. */
export function Ago({ at }: { at: string }) {
  const { t } = useTranslation();
  const current = useNow();
  const { unit, count } = distance(Date.parse(at), current);
  const text = unit === 'second' ? t('ago.now') : t(`ago.${unit}`, { count });
  return (
    <Tooltip
      label={
        <span className="la-num">
          {formatTime(at)}
          <br />
          {formatUtc(at)}
        </span>
      }
    >
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {text}
      </time>
    </Tooltip>
  );
}
