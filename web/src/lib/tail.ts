// What a live tail has brought, without an event twice and without moving what
// is being read: what came in waits until it is asked for.
import type { LogEvent } from '../api/types';

export type TailLink = 'connecting' | 'open' | 'lost' | 'refused';

export interface TailState {
  link: TailLink;
  /** Newest first. */
  waiting: readonly LogEvent[];
  /** How many wait, also those that were too many to be sent or kept. */
  waitingCount: number;
  /** Shown above the list, newest first. */
  shown: readonly LogEvent[];
  /** Events that matched and can only be found by searching again. */
  left: number;
  /** The stream could not go on where it stopped: the list is to be read again. */
  gap: boolean;
}

export const noTail: TailState = { link: 'connecting', waiting: [], waitingCount: 0, shown: [], left: 0, gap: false };

const mostWaiting = 1_000;
const mostShown = 3_000;

/** Takes in events as the server sends them, oldest first. */
export function receive(state: TailState, events: readonly LogEvent[], skipped: number): TailState {
  const known = new Set([...state.waiting, ...state.shown].map((event) => event.id));
  const fresh = events.filter((event) => !known.has(event.id)).reverse();
  const waiting = [...fresh, ...state.waiting];
  const dropped = Math.max(0, waiting.length - mostWaiting);
  return {
    ...state,
    waiting: dropped > 0 ? waiting.slice(0, mostWaiting) : waiting,
    waitingCount: state.waitingCount + fresh.length + skipped,
    left: state.left + skipped + dropped,
  };
}

/** Puts what waits above the list. */
export function show(state: TailState): TailState {
  const shown = [...state.waiting, ...state.shown];
  return { ...state, waiting: [], waitingCount: 0, shown: shown.slice(0, mostShown) };
}

/** The list with the tail's events before it, none of them twice. */
export function withTail(shown: readonly LogEvent[], list: readonly LogEvent[]): LogEvent[] {
  if (shown.length === 0) return list as LogEvent[];
  const above = new Set(shown.map((event) => event.id));
  return [...shown, ...list.filter((event) => !above.has(event.id))];
}
