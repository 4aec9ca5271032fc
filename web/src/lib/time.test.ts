import { describe, expect, it } from 'vitest';

import { formatAxis, formatTime, formatUtc, isPoint, lastDay, presetOf, resolve, resolveRange, toPicker } from './time';

const now = Date.parse('2026-11-22T03:20:58.123Z');

describe('writing times', () => {
  it('shows Vietnam time, UTC beside it', () => {
    expect(formatTime('2026-11-22T03:20:58.123Z')).toBe('22/11/2026 10:20:58');
    expect(formatTime('2026-11-22T03:20:58.123Z', { ms: true })).toBe('22/11/2026 10:20:58.123');
    expect(formatUtc('2026-11-22T03:20:58.123Z')).toBe('22/11/2026 03:20:58.123 UTC');
  });
  it('crosses midnight and the year', () => {
    expect(formatTime('2026-12-31T17:00:00Z')).toBe('01/01/2027 00:00:00');
    expect(lastDay('2026-12-31T17:00:00Z')).toBe('31/12/2026');
    expect(lastDay('2026-12-31T16:00:00Z')).toBe('31/12/2026');
  });
  it('shows what is no time as it is', () => {
    expect(formatTime('hôm qua')).toBe('hôm qua');
  });
  it('labels axes as briefly as the buckets allow', () => {
    expect(formatAxis(now, 10)).toBe('10:20:58');
    expect(formatAxis(now, 60)).toBe('10:20');
    expect(formatAxis(now, 3_600)).toBe('22/11 10:20');
    expect(formatAxis(now, 86_400)).toBe('22/11');
  });
});

describe('points in links', () => {
  it('resolves relative and absolute points', () => {
    expect(resolve('now', now)).toBe('2026-11-22T03:20:58.123Z');
    expect(resolve('now-15m', now)).toBe('2026-11-22T03:05:58.123Z');
    expect(resolve('now-7d', now)).toBe('2026-11-15T03:20:58.123Z');
    expect(resolve('2026-01-01T00:00:00+07:00', now)).toBe('2025-12-31T17:00:00.000Z');
    expect(resolveRange({ from: 'now-1h', to: 'now' }, now).from).toBe('2026-11-22T02:20:58.123Z');
  });
  it('refuses anything else', () => {
    expect(isPoint('now-15x')).toBe(false);
    expect(isPoint('now+1h')).toBe(false);
    expect(isPoint(5)).toBe(false);
  });
  it('names presets', () => {
    expect(presetOf({ from: 'now-24h', to: 'now' })).toBe('24h');
    expect(presetOf({ from: 'now-24h', to: 'now-1h' })).toBeUndefined();
  });
});

describe('the date picker', () => {
  it('speaks Vietnam wall clock', () => {
    expect(toPicker('2026-11-22T03:20:58.123Z')).toBe('2026-11-22 10:20:58');
  });
});
