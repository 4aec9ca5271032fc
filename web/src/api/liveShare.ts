// One live stream for all tabs of a browser: browsers allow six connections to a
// server over HTTP/1, and every stream costs the server something. The tab that
// holds a lock has the stream and passes on what it hears; when it is closed the
// browser gives the lock to the next, which goes on from the message seen last. A
// tab that hears nothing for too long takes the lock away. Where the browser has
// no locks (not a secure context) each tab has a stream of its own.
import { type Connection, type LiveEars, type LiveMessage, openStream } from './liveStream';

type Said =
  | { sort: 'message'; message: LiveMessage }
  | { sort: 'connection'; connection: Connection }
  | { sort: 'refused' }
  /** Somebody new asks how things are. */
  | { sort: 'hello' };

/** After which a tab does not believe any more that the one with the stream lives. */
export const patience = 75_000;

/** Listens until the returned function is called. Tabs that give the same name share a stream. */
export function shareStream(name: string, ears: LiveEars): () => void {
  let lastId = '';
  const heard = (message: LiveMessage) => {
    if (message.id !== '') lastId = message.id;
    ears.message(message);
  };
  const locks = (navigator as { locks?: LockManager }).locks;
  if (!locks || typeof BroadcastChannel === 'undefined') return openStream(() => lastId, { ...ears, message: heard });

  const channel = new BroadcastChannel(name);
  const tell = (said: Said) => {
    channel.postMessage(said);
  };
  let closed = false;
  let leading: (() => void) | undefined;
  let waiting = new AbortController();
  let watch: ReturnType<typeof setTimeout> | undefined;
  let connection: Connection = 'connecting';
  let stats: LiveMessage | undefined;

  const alive = () => {
    clearTimeout(watch);
    if (!closed && !leading)
      watch = setTimeout(() => {
        waiting.abort();
        request(true);
      }, patience);
  };
  const lead = () =>
    new Promise<void>((done) => {
      if (closed) {
        done();
        return;
      }
      clearTimeout(watch);
      const stop = openStream(() => lastId, {
        message: (message) => {
          tell({ sort: 'message', message });
          if (message.name === 'stats') stats = message;
          heard(message);
        },
        connection: (now) => {
          connection = now;
          tell({ sort: 'connection', connection });
          ears.connection(connection);
        },
        refused: () => {
          tell({ sort: 'refused' });
          ears.refused();
        },
      });
      leading = () => {
        leading = undefined;
        stop();
        done();
      };
    });
  const request = (steal: boolean) => {
    waiting = new AbortController();
    const asked = steal ? locks.request(name, { steal }, lead) : locks.request(name, { signal: waiting.signal }, lead);
    asked.catch(() => {
      // Given up by this tab itself, or taken away by another: then it waits again.
      if (!leading) return;
      leading();
      if (closed) return;
      alive();
      request(false);
    });
  };
  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.sort === 'hello') {
      if (!leading) return;
      tell({ sort: 'connection', connection });
      if (stats) tell({ sort: 'message', message: stats });
      return;
    }
    if (leading) return;
    alive();
    if (data.sort === 'message') heard(data.message);
    else if (data.sort === 'connection') ears.connection(data.connection);
    else ears.refused();
  };
  tell({ sort: 'hello' });
  alive();
  request(false);
  return () => {
    closed = true;
    clearTimeout(watch);
    waiting.abort();
    leading?.();
    channel.close();
  };
}
