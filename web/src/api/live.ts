// What the server tells live: numbers every two seconds and alerts as they change.
// One connection for all tabs of the console; pages subscribe to what they show.
import { useSyncExternalStore } from 'react';

import { shareStream } from './liveShare';
import type { Connection } from './liveStream';
import type { LiveAlert, LiveStats } from './types';

export interface LiveState {
  connection: Connection;
  stats: LiveStats | undefined;
  /** Events per second of the last two minutes, oldest first. */
  rates: readonly number[];
}

const keptRates = 60;

let state: LiveState = { connection: 'connecting', stats: undefined, rates: [] };
const stateListeners = new Set<() => void>();
const alertListeners = new Set<(change: LiveAlert) => void>();
/** What is only a sign that something is to be read again. */
const signs = ['inbox', 'obligation', 'coordination', 'resync'] as const;
type Sign = (typeof signs)[number];
const isSign = (name: string): name is Sign => (signs as readonly string[]).includes(name);
const signListeners: Record<Sign, Set<() => void>> = { inbox: new Set(), obligation: new Set(), coordination: new Set(), resync: new Set() };

function update(change: Partial<LiveState>) {
  state = { ...state, ...change };
  for (const listener of stateListeners) listener();
}

/** Listens until the returned function is called; tabs of one user share a connection. refused is called when the server refuses it. */
export function openLive(user: string, refused: () => void): () => void {
  const close = shareStream(`lachan-live-${user}`, {
    message: ({ name, data }) => {
      if (name === 'stats') {
        const stats = JSON.parse(data) as LiveStats;
        update({ stats, rates: [...state.rates, stats.eventsPerSecond].slice(-keptRates) });
      } else if (name === 'alert') {
        const change = JSON.parse(data) as LiveAlert;
        for (const listener of alertListeners) listener(change);
      } else if (isSign(name)) {
        for (const listener of signListeners[name]) listener();
      }
    },
    connection: (connection) => {
      update({ connection });
    },
    refused,
  });
  return () => {
    close();
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
