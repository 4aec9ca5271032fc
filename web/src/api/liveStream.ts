// One connection to the live stream of the server: comes back by itself, with a
// longer wait each time, and asks for what it missed meanwhile.
import { url } from './client';

export type Connection = 'connecting' | 'open' | 'lost';

export interface LiveMessage {
  name: string;
  data: string;
  /** What to come back with; '' for messages that are not kept. */
  id: string;
}

export interface LiveEars {
  message: (message: LiveMessage) => void;
  connection: (connection: Connection) => void;
  /** The server refuses the stream: the session has ended, or there are too many. */
  refused: () => void;
}

const names = ['hello', 'ping', 'stats', 'alert', 'inbox', 'obligation', 'coordination', 'enrolment', 'upload', 'resync'] as const;

const firstWait = 1_000;
const longestWait = 30_000;
/** The server sends a ping every 15 s; without anything for so long the connection is dead. */
export const silence = 45_000;

/** How long to wait before the n-th attempt; consoles that were cut off together do not come back together. */
export function backOff(n: number, luck = Math.random()): number {
  return Math.min(longestWait, firstWait * 2 ** (n - 1)) * (0.5 + luck / 2);
}

/** Listens until the returned function is called; after is the id seen last, '' for none. */
export function openStream(after: () => string, ears: LiveEars): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let closed = false;

  const failed = (refused: boolean) => {
    clearTimeout(watch);
    source?.close();
    source = undefined;
    if (closed) return;
    failures++;
    // A stream ends every quarter of an hour by itself; the next one is there at once.
    if (failures > 1 || refused) ears.connection('lost');
    if (refused) ears.refused();
    retry = setTimeout(connect, backOff(failures));
  };
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => {
      failed(false);
    }, silence);
  };
  const connect = () => {
    clearTimeout(retry);
    retry = undefined;
    if (closed || source) return;
    const mine = new EventSource(url('/live', { after: after() }));
    source = mine;
    alive();
    mine.onopen = () => {
      // What the page read before it had a stream may be old by now.
      const missed = failures > 0 && after() === '';
      failures = 0;
      alive();
      ears.connection('open');
      if (missed) ears.message({ name: 'resync', data: '{}', id: '' });
    };
    for (const name of names) {
      mine.addEventListener(name, (event: MessageEvent<string>) => {
        alive();
        ears.message({ name, data: event.data, id: event.lastEventId });
      });
    }
    mine.onerror = () => {
      if (source === mine) failed(mine.readyState === EventSource.CLOSED);
    };
  };
  // Somebody looks, or the network is back: no reason to wait on.
  const now = () => {
    if (retry !== undefined && document.visibilityState === 'visible') connect();
  };
  window.addEventListener('online', now);
  document.addEventListener('visibilitychange', now);
  connect();
  return () => {
    closed = true;
    window.removeEventListener('online', now);
    document.removeEventListener('visibilitychange', now);
    clearTimeout(retry);
    clearTimeout(watch);
    source?.close();
  };
}
