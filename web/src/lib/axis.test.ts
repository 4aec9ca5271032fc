import { describe, expect, it } from 'vitest';

import { roundUp, timeTicks } from './axis';

const at = (text: string) => Date.parse(text);

describe('timeTicks', () => {
  it('stand at round hours of Vietnam', () => {
    const { stepMs, at: ticks } = timeTicks(at('2026-11-22T00:10:00Z'), at('2026-11-23T00:10:00Z'), 8);
    expect(stepMs).toBe(3 * 3_600_000);
    expect(new Date(ticks[0] ?? 0).toISOString()).toBe('2026-11-22T02:00:00.000Z');
    expect(ticks).toHaveLength(8);
  });
  it('stand at midnights of Vietnam for days', () => {
    const { at: ticks } = timeTicks(at('2026-11-01T00:00:00Z'), at('2026-11-08T00:00:00Z'), 8);
    expect(ticks.every((t) => new Date(t).toISOString().endsWith('T17:00:00.000Z'))).toBe(true);
  });
  it('are never too many, for any span', () => {
    for (const span of [1, 999, 5e4, 3e6, 9e8, 4e10, 9e12]) expect(timeTicks(1e12, 1e12 + span, 6).at.length).toBeLessThanOrEqual(7);
    expect(timeTicks(5, 5, 6).at).toEqual([]);
  });
});

describe('roundUp', () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [11, 20],
    [230, 250],
    [999, 1000],
    [2_500_001, 5_000_000],
  ])('%d goes under %d', (n, want) => {
    expect(roundUp(n)).toBe(want);
  });
});
