import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Kbd } from '../ui/Kbd';
import { setDisplay } from './display';
import { useKeys } from './keys';

const refreshMs = 30_000;
const buttonMs = 4_000;

/** Asks the browser to leave the screen on while the page is in view; where it cannot, nothing happens. */
function useAwake() {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let gone = false;
    const ask = () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      navigator.wakeLock.request('screen').then(
        (granted) => {
          if (gone) void granted.release();
          else lock = granted;
        },
        () => undefined,
      );
    };
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      gone = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}

/** A screen on a wall: large, without a frame, always fresh; a move of the mouse or Escape leads back. */
export function Wall() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [shown, setShown] = useState(true);
  useAwake();
  const leave = () => {
    setDisplay({ wall: false });
  };
  useKeys({ Escape: leave });

  useEffect(() => {
    const timer = setInterval(() => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' && query.isStale() }), refreshMs);
    return () => {
      clearInterval(timer);
    };
  }, [client]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const show = () => {
      setShown(true);
      clearTimeout(timer);
      timer = setTimeout(() => {
        setShown(false);
      }, buttonMs);
    };
    show();
    document.addEventListener('pointermove', show);
    document.addEventListener('focusin', show);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('pointermove', show);
      document.removeEventListener('focusin', show);
    };
  }, []);

  return (
    <button type="button" className="la-leave" data-shown={shown || undefined} onClick={leave}>
      {t('theme.leaveWall')} <Kbd of="Esc" />
    </button>
  );
}
