// Live alert changes reach what is already on screen: an open alert is
// updated in place, counts are fetched again (at most every few seconds).
// Lists are not re-ordered under the reader; the queue offers a notice.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { onLive, onLiveAlert } from '../api/live';
import type { AlertDetail } from '../api/types';

const refreshMs = 3_000;
/** Several signs that come together are one reading. */
const signMs = 500;

export function useLiveCache() {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onLiveAlert(({ alert }) => {
      client.setQueryData<AlertDetail>(['alert', alert.id], (known) =>
        known && alert.version >= known.version ? { ...known, ...alert } : known,
      );
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['overview'] });
      }, refreshMs);
    });
    // Messages were lost on the way: everything on screen is read again.
    const again = onLive('resync', () => void client.invalidateQueries());
    let due: ReturnType<typeof setTimeout> | undefined;
    const duties = onLive('obligation', () => {
      due ??= setTimeout(() => {
        due = undefined;
        void client.invalidateQueries({ queryKey: ['obligations'] });
      }, signMs);
    });
    return () => {
      duties();
      clearTimeout(due);
      again();
      stop();
      clearTimeout(timer);
    };
  }, [client]);
}
