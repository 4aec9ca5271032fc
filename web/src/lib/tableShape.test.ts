import { describe, expect, it } from 'vitest';

import { drillDown, fillSpans, pictureOf, shapeOf, sortRows, spanOf } from './tableShape';

const columns = [
  { name: 'time', type: 'time' as const },
  { name: 'user', type: 'text' as const },
  { name: 'count', type: 'number' as const },
];

describe('shapeOf', () => {
  it('tells spans of time from times that were computed', () => {
    expect(shapeOf(columns, '| timechart 5m by user')).toEqual({ time: 0, spanMs: 300_000, groups: [1], numbers: [2] });
    expect(shapeOf(columns, '| stats min(time), count by user').time).toBe(-1);
  });
  it('reads the span', () => {
    expect(spanOf('a | timechart span=1h count')).toBe(3_600_000);
    expect(spanOf('a | TIMECHART 2d')).toBe(2 * 86_400_000);
    expect(spanOf('a | top user')).toBe(0);
  });
});

describe('drillDown', () => {
  it('adds the groups of the row to what was searched', () => {
    expect(drillDown('a OR b | stats count by user', columns.slice(1), ['Ann Lee', 3])).toEqual({ q: '(a OR b) AND user:"Ann Lee"' });
    expect(drillDown('| top user', columns.slice(1), ['', 3])).toEqual({ q: 'user:""' });
    expect(drillDown('user:root | top user', columns.slice(1), ['root', 3])).toEqual({ q: 'user:root' });
  });
  it('takes the span of a timechart as the range', () => {
    expect(drillDown('x | timechart 5m by user', columns, ['2026-11-22T03:00:00.000Z', 'root', 3])).toEqual({
      q: 'x AND user:root',
      from: '2026-11-22T03:00:00.000Z',
      to: '2026-11-22T03:05:00.000Z',
    });
  });
  it('has nothing for a row about everything', () => {
    expect(drillDown('x | stats count', columns.slice(2), [3])).toBeUndefined();
  });
});

describe('sortRows', () => {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  it('keeps missing values last either way', () => {
    const rows = [[2], [null], [10]];
    expect(sortRows(rows, 0, false, compare)).toEqual([[2], [10], [null]]);
    expect(sortRows(rows, 0, true, compare)).toEqual([[10], [2], [null]]);
  });
});

describe('pictureOf', () => {
  it('draws a line for each of the largest groups of a timechart', () => {
    const rows = Array.from({ length: 10 }, (_, i) => ['2026-11-22T03:00:00.000Z', `u${String(i)}`, i]);
    const picture = pictureOf({ columns, rows }, '| timechart 5m by user');
    expect(picture).toMatchObject({ kind: 'lines', more: 2 });
    expect(picture?.kind === 'lines' && picture.series[0]?.name).toBe('u9');
  });
  it('draws bars for groups', () => {
    expect(pictureOf({ columns: columns.slice(1), rows: [['a', 2], ['b', null]] }, '| top user')).toMatchObject({
      kind: 'bars',
      names: ['a', 'b'],
      values: [2, 0],
    });
  });
  it('draws nothing of a single number', () => {
    expect(pictureOf({ columns: columns.slice(2), rows: [[7]] }, '| stats count')).toBeUndefined();
  });
});

describe('fillSpans', () => {
  it('puts zeros where nothing was counted', () => {
    expect(fillSpans([[10, 1], [30, 2]], 10, 0, 50)).toEqual([[0, 0], [10, 1], [20, 0], [30, 2], [40, 0]]);
  });
  it('loses no point', () => {
    expect(fillSpans([[10, 1], [60, 2]], 10, 12, 40).filter(([, n]) => n > 0)).toEqual([[10, 1], [60, 2]]);
  });
});
