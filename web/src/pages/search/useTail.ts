import { useEffect, useRef, useState } from 'react';

import { url } from '../../api/client';
import type { LogEvent, TailEvents, TailPlace } from '../../api/types';
import { noTail, receive, show, type TailState } from '../../lib/tail';

/** The list is drawn again at most so often, however fast events come. */
const drawMs = 500;
const retryMs = 4_000;
const mostRefusals = 3;

interface Options {
  query: string;
  enabled: boolean;
  /** Called when the stream has begun: from here on it misses nothing, what was before is to be searched. */
  onReady: () => void;
}

/**
 * Follows the events that match a query as they become searchable. The
 * browser resumes a broken stream by itself, where it stopped.
 */
export function useTail({ query, enabled, onReady }: Options) {
  const key = enabled ? query : undefined;
  const [kept, setKept] = useState<{ key: string | undefined; state: TailState; attempt: number }>({ key, state: noTail, attempt: 0 });
  const state = kept.key === key ? kept.state : noTail;
  const attempt = kept.key === key ? kept.attempt : 0;
  const ready = useRef(onReady);
  useEffect(() => {
    ready.current = onReady;
  });

  useEffect(() => {
    if (key === undefined) return;
    const change = (next: (state: TailState) => TailState) => {
      setKept((old) => ({ key, attempt: old.key === key ? old.attempt : 0, state: next(old.key === key ? old.state : noTail) }));
    };
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let draw: ReturnType<typeof setTimeout> | undefined;
    let buffer: LogEvent[] = [];
    let skipped = 0;
    let cursor = '';
    let began = false;
    let refusals = 0;

    const flush = () => {
      draw = undefined;
      const [events, more] = [buffer, skipped];
      buffer = [];
      skipped = 0;
      change((s) => receive(s, events, more));
    };
    const take = (message: MessageEvent<string>) => {
      const data = JSON.parse(message.data) as TailEvents;
      cursor = data.cursor;
      buffer.push(...data.events);
      skipped += data.skipped;
      draw ??= setTimeout(flush, drawMs);
    };
    const connect = () => {
      source = new EventSource(url('/search/tail', { query: key, cursor }));
      source.addEventListener('ready', (message: MessageEvent<string>) => {
        cursor = (JSON.parse(message.data) as TailPlace).cursor;
        refusals = 0;
        change((s) => ({ ...s, link: 'open' }));
        if (!began) ready.current();
        began = true;
      });
      source.addEventListener('events', take);
      source.addEventListener('gap', (message: MessageEvent<string>) => {
        cursor = (JSON.parse(message.data) as TailPlace).cursor;
        change((s) => ({ ...s, link: 'open', gap: true }));
      });
      source.addEventListener('problem', () => {
        source?.close();
        change((s) => ({ ...s, link: 'refused' }));
      });
      source.onopen = () => {
        change((s) => ({ ...s, link: 'open' }));
      };
      source.onerror = () => {
        change((s) => ({ ...s, link: 'lost' }));
        // The browser reconnects by itself unless the server answered with a refusal.
        if (source?.readyState !== EventSource.CLOSED) return;
        refusals++;
        if (refusals >= mostRefusals) change((s) => ({ ...s, link: 'refused' }));
        else retry = setTimeout(connect, retryMs);
      };
    };
    connect();
    return () => {
      clearTimeout(retry);
      clearTimeout(draw);
      source?.close();
    };
  }, [key, attempt]);

  return {
    state,
    show: () => {
      setKept((old) => ({ ...old, state: show(old.state) }));
    },
    /** The list was read again: nothing is missing any more. */
    caughtUp: () => {
      setKept((old) => ({ ...old, state: { ...noTail, link: old.state.link } }));
    },
    retry: () => {
      setKept((old) => ({ ...old, attempt: old.attempt + 1, state: { ...old.state, link: 'connecting' } }));
    },
  };
}
