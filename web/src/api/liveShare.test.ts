import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { patience, shareStream } from './liveShare';
import { backOff, type Connection, type LiveMessage, silence } from './liveStream';

/** A stream at the server, as the browser shows it. */
class Source {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  static get open() {
    return Source.all.filter((s) => !s.closed);
  }
  closed = false;
  readyState = 0;
  onopen?: () => void;
  onerror?: () => void;
  private readonly ears = new Map<string, (event: unknown) => void>();
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    Source.all.push(this);
  }
  addEventListener(name: string, ear: (event: unknown) => void) {
    this.ears.set(name, ear);
  }
  close() {
    this.closed = true;
  }
  says(name: string, data: string, lastEventId = '') {
    this.ears.get(name)?.({ data, lastEventId });
  }
  breaks(refused = false) {
    this.readyState = refused ? Source.CLOSED : 0;
    this.onerror?.();
  }
}

/** The locks of one browser. */
class Locks {
  private held: { name: string; lose: (error: Error) => void } | undefined;
  private queue: (() => void)[] = [];
  request(name: string, options: { signal?: AbortSignal; steal?: boolean }, work: () => Promise<void>): Promise<void> {
    return new Promise((done, fail) => {
      const take = () => {
        const mine = { name, lose: fail };
        this.held = mine;
        void work().then(() => {
          done();
          if (this.held !== mine) return;
          this.held = undefined;
          this.queue.shift()?.();
        });
      };
      options.signal?.addEventListener('abort', () => {
        this.queue = this.queue.filter((x) => x !== take);
        fail(new Error('aborted'));
      });
      if (options.steal) {
        this.held?.lose(new Error('stolen'));
        take();
      } else if (this.held) this.queue.push(take);
      else take();
    });
  }
}

class Channel {
  static all = new Set<Channel>();
  onmessage?: (event: { data: unknown }) => void;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
    Channel.all.add(this);
  }
  postMessage(data: unknown) {
    for (const other of Channel.all) if (other !== this && other.name === this.name) other.onmessage?.({ data });
  }
  close() {
    Channel.all.delete(this);
  }
}

interface Tab {
  heard: string[];
  connection: Connection;
  refused: number;
  close: () => void;
}

function tab(user = 'lachan-live-an'): Tab {
  const t: Tab = { heard: [], connection: 'connecting', refused: 0, close: () => undefined };
  t.close = shareStream(user, {
    message: ({ name, data }: LiveMessage) => {
      if (name !== 'hello' && name !== 'ping') t.heard.push(`${name} ${data}`);
    },
    connection: (now) => {
      t.connection = now;
    },
    refused: () => {
      t.refused++;
    },
  });
  return t;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  Channel.all.clear();
  const events = { addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('navigator', { locks: new Locks() });
  vi.stubGlobal('window', events);
  vi.stubGlobal('document', { ...events, visibilityState: 'visible' });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('tabs of one browser', () => {
  it('share one stream and all hear what it says', async () => {
    const tabs = [tab(), tab(), tab()];
    await settle();
    expect(Source.open).toHaveLength(1);
    Source.open[0]?.onopen?.();
    Source.open[0]?.says('alert', '1', 'e-1');
    for (const t of tabs) expect([t.connection, t.heard]).toEqual(['open', ['alert 1']]);
  });

  it('tell a new one how things are', async () => {
    tab();
    await settle();
    Source.open[0]?.onopen?.();
    Source.open[0]?.says('stats', '7');
    const late = tab();
    expect([late.connection, late.heard]).toEqual(['open', ['stats 7']]);
  });

  it('go on from the last message when the one with the stream is closed', async () => {
    const [first, second, third] = [tab(), tab(), tab()];
    await settle();
    Source.open[0]?.says('alert', '1', 'e-41');
    first.close();
    await settle();
    expect(Source.open).toHaveLength(1);
    expect(Source.open[0]?.url).toBe('/api/v1/live?after=e-41');
    Source.open[0]?.onopen?.();
    Source.open[0]?.says('alert', '2', 'e-42');
    for (const t of [second, third]) expect(t.heard).toEqual(['alert 1', 'alert 2']);
    expect(first.heard).toEqual(['alert 1']);
  });

  it('take the stream from one that does not answer any more', async () => {
    tab();
    await settle();
    // The tab is frozen: its stream stays, what it hears is not passed on.
    const frozen = [...Channel.all][0];
    if (frozen) frozen.postMessage = () => undefined;
    const other = tab();
    await vi.advanceTimersByTimeAsync(patience + 1);
    const newest = Source.all.at(-1);
    newest?.onopen?.();
    newest?.says('alert', '9', 'e-9');
    expect(other.heard).toEqual(['alert 9']);
    expect(Source.open).toHaveLength(1);
  });

  it('of two users do not hear each other', async () => {
    const an = tab('lachan-live-an');
    vi.stubGlobal('navigator', { locks: new Locks() }); // another name is another lock
    const lan = tab('lachan-live-lan');
    await settle();
    Source.open[0]?.says('inbox', '{}', 'e-1');
    expect([an.heard, lan.heard]).toEqual([['inbox {}'], []]);
  });

  it('have a stream each where the browser has no locks', async () => {
    vi.stubGlobal('navigator', {});
    const tabs = [tab(), tab()];
    await settle();
    expect(Source.open).toHaveLength(2);
    for (const t of tabs) t.close();
    expect(Source.open).toHaveLength(0);
  });

  it('leave nothing open when all are closed', async () => {
    const tabs = [tab(), tab()];
    await settle();
    for (const t of tabs) t.close();
    await settle();
    expect([Source.open.length, Channel.all.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });
});

describe('a stream that breaks', () => {
  it('comes back without a word the first time, and says so when it cannot', async () => {
    const [one, two] = [tab(), tab()];
    await settle();
    Source.open[0]?.onopen?.();
    Source.open[0]?.says('alert', '1', 'e-1');
    Source.open[0]?.breaks();
    expect(Source.open).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([one.connection, Source.open[0]?.url]).toEqual(['open', '/api/v1/live?after=e-1']);
    Source.open[0]?.breaks();
    expect([one.connection, two.connection]).toEqual(['lost', 'lost']);
    await vi.advanceTimersByTimeAsync(2_000);
    Source.open[0]?.onopen?.();
    expect([one.connection, two.connection]).toEqual(['open', 'open']);
  });

  it('that opened late makes the pages read again what they read before it', async () => {
    const one = tab();
    await settle();
    Source.open[0]?.breaks();
    await vi.advanceTimersByTimeAsync(1_000);
    Source.open[0]?.onopen?.();
    expect(one.heard).toEqual(['resync {}']);
  });

  it('that is silent for too long is opened again', async () => {
    tab();
    await settle();
    const first = Source.open[0];
    first?.onopen?.();
    await vi.advanceTimersByTimeAsync(silence - 1);
    first?.says('ping', '{}');
    await vi.advanceTimersByTimeAsync(silence - 1);
    expect(first?.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(first?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(Source.open).toHaveLength(1);
  });

  it('asks every tab to look at its session when it is refused', async () => {
    const [one, two] = [tab(), tab()];
    await settle();
    Source.open[0]?.breaks(true);
    expect([one.refused, two.refused, one.connection]).toEqual([1, 1, 'lost']);
  });

  it('waits longer each time, half a minute at most', () => {
    expect([1, 2, 3, 10].map((n) => backOff(n, 1))).toEqual([1_000, 2_000, 4_000, 30_000]);
    expect(backOff(1, 0)).toBe(500);
  });
});
