// The live stream: numbers every two seconds and alerts as they change. One
// connection for the whole console; pages subscribe to what they show.
import { useSyncExternalStore } from 'react';

import { url } from './client';
import type { LiveAlert, LiveStats } from './types';

export type Connection = 'connecting' | 'open' | 'lost';

export interface LiveState {
  connection: Connection;
  stats: LiveStats | undefined;
  /** Events per second of the last two minutes, oldest first. */
  rates: readonly number[];
}

const keptRates = 60;
const retryMs = 3_000;

let state: LiveState = { connection: 'connecting', stats: undefined, rates: [] };
const stateListeners = new Set<() => void>();
const alertListeners = new Set<(change: LiveAlert) => void>();
/** What is only a sign that something is to be read again. */
const signs = ['inbox', 'resync'] as const;
type Sign = (typeof signs)[number];
const signListeners: Record<Sign, Set<() => void>> = { inbox: new Set(), resync: new Set() };

function update(change: Partial<LiveState>) {
  state = { ...state, ...change };
  for (const listener of stateListeners) listener();
}

/** Opens the stream until the returned function is called; ask is called when the server refuses it. */
export function openLive(onRefused: () => void): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const connect = () => {
    if (closed) return;
    source = new EventSource(url('/live'));
    source.onopen = () => {
      update({ connection: 'open' });
    };
    source.addEventListener('stats', (message: MessageEvent<string>) => {
      const stats = JSON.parse(message.data) as LiveStats;
      update({ stats, connection: 'open', rates: [...state.rates, stats.eventsPerSecond].slice(-keptRates) });
    });
    source.addEventListener('alert', (message: MessageEvent<string>) => {
      const change = JSON.parse(message.data) as LiveAlert;
      for (const listener of alertListeners) listener(change);
    });
    for (const sign of signs)
      source.addEventListener(sign, () => {
        for (const listener of signListeners[sign]) listener();
      });
    source.onerror = () => {
      update({ connection: 'lost' });
      // The browser reconnects by itself unless the server answered with a refusal.
      if (source?.readyState === EventSource.CLOSED) {
        source.close();
        onRefused();
        timer = setTimeout(connect, retryMs);
      }
    };
  };
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
    update({ connection: 'connecting', stats: undefined, rates: [] });
  };
}

export function onLiveAlert(listener: (change: LiveAlert) => void): () => void {
  alertListeners.add(listener);
  return () => alertListeners.delete(listener);
}

export function onLive(sign: Sign, listener: () => void): () => void {
  signListeners[sign].add(listener);
  return () => signListeners[sign].delete(listener);
}

function subscribe(listener: () => void) {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}

export function useLive(): LiveState {
  return useSyncExternalStore(subscribe, () => state);
}
