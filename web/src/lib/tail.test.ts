import { describe, expect, it } from 'vitest';

import type { LogEvent } from '../api/types';
import { noTail, receive, show, withTail } from './tail';

const event = (id: string) => ({ id }) as LogEvent;
const events = (...ids: string[]) => ids.map(event);
const ids = (list: readonly LogEvent[]) => list.map((e) => e.id).join('');

describe('a tail', () => {
  it('keeps what comes in waiting until it is asked for', () => {
    const state = receive(receive(noTail, events('a', 'b'), 0), events('c'), 0);
    expect(ids(state.shown)).toBe('');
    expect(state.waitingCount).toBe(3);
    expect(ids(show(state).shown)).toBe('cba');
    expect(show(state).waitingCount).toBe(0);
  });
  it('takes no event twice, however often it is sent', () => {
    const state = receive(show(receive(noTail, events('a', 'b'), 0)), events('b', 'c'), 0);
    expect(ids(state.waiting)).toBe('c');
    expect(ids(withTail(show(state).shown, events('b', 'x')))).toBe('cbax');
  });
  it('counts what was too much to be sent', () => {
    const state = receive(noTail, events('a'), 500);
    expect(state).toMatchObject({ waitingCount: 501, left: 500 });
    expect(show(state)).toMatchObject({ waitingCount: 0, left: 500 });
  });
  it('is bounded', () => {
    let state = noTail;
    for (let i = 0; i < 30; i++) {
      state = receive(state, events(...Array.from({ length: 100 }, (_, k) => `${String(i)}-${String(k)}`)), 0);
    }
    expect(state.waiting).toHaveLength(1_000);
    expect(state).toMatchObject({ waitingCount: 3_000, left: 2_000 });
  });
});
