import { describe, expect, it } from 'vitest';

import { type Clock, lengthParts, standing } from './countdown';

const clock: Clock = { startedAt: '2026-11-22T00:00:00Z', dueAt: '2026-11-23T00:00:00Z', state: 'pending' };
const at = (text: string) => Date.parse(`2026-11-${text}Z`);

describe('a legal clock', () => {
  it('turns its colour at 50, 80 and 100 percent of the time', () => {
    const stages = ['22T11:59:00', '22T12:00:00', '22T19:11:00', '22T19:12:00', '23T00:00:00', '23T00:00:01'].map((t) => standing(clock, at(t)).stage);
    expect(stages).toEqual(['early', 'half', 'half', 'soon', 'soon', 'late']);
  });
  it('says what is left in at most two units', () => {
    expect(standing(clock, at('22T00:00:00')).parts).toEqual([{ unit: 'day', count: 1 }]);
    expect(standing(clock, at('22T18:48:00')).parts).toEqual([
      { unit: 'hour', count: 5 },
      { unit: 'minute', count: 12 },
    ]);
    expect(standing(clock, at('22T23:59:30')).parts).toEqual([{ unit: 'second', count: 30 }]);
  });
  it('is late by whole hours, and by days and hours', () => {
    expect(standing(clock, at('23T03:20:00')).parts).toEqual([{ unit: 'hour', count: 3 }]);
    expect(standing(clock, at('25T05:20:00')).parts).toEqual([
      { unit: 'day', count: 2 },
      { unit: 'hour', count: 5 },
    ]);
  });
  it('stands still once it was sent', () => {
    const sent: Clock = { ...clock, state: 'sent', doneAt: '2026-11-22T06:00:00Z' };
    expect(standing(sent, at('29T00:00:00'))).toMatchObject({ stage: 'done', passed: 25 });
    expect(standing({ ...sent, doneAt: '2026-11-23T02:00:00Z' }, at('29T00:00:00'))).toMatchObject({ stage: 'doneLate', parts: [{ unit: 'hour', count: 2 }] });
  });
  it('is over when it was withdrawn', () => {
    expect(standing({ ...clock, state: 'withdrawn' }, at('29T00:00:00'))).toMatchObject({ stage: 'withdrawn', parts: [] });
  });
});

describe('a length', () => {
  it('is never nothing', () => {
    expect(lengthParts(0)).toEqual([{ unit: 'second', count: 0 }]);
  });
});
