import { describe, expect, it } from 'vitest';

import type { Figure } from '../api/boardQueries';
import { figureCsv, formatDuration, formatShare, trendOf } from './figures';

const figure = (change: Partial<Figure>): Figure => ({ id: 'a', kind: 'x', columns: [], rows: [], ...change });

describe('numbers', () => {
  it('write times in their two greatest units', () => {
    expect(formatDuration(12_000, 'vi')).toBe('3 giờ 20 phút');
    expect(formatDuration(59.7, 'vi')).toBe('1 phút');
    expect(formatDuration(0, 'en')).toBe('0 seconds');
    expect(formatDuration(86_400, 'en')).toBe('1 day');
  });
  it('write shares', () => {
    expect(formatShare(0.305, 'vi')).toBe('31%');
    expect(formatShare(0.0123, 'vi')).toBe('1,2%');
  });
});

describe('a comparison', () => {
  it('tells which way, how much and whether that is good', () => {
    expect(trendOf(figure({ value: 15, previous: 10, better: 'less', measure: 'count' }))).toEqual({ direction: 'up', by: 50, points: false, good: false });
    expect(trendOf(figure({ value: 0.9, previous: 0.88, better: 'more', measure: 'share' }))).toEqual({ direction: 'up', by: 2, points: true, good: true });
    expect(trendOf(figure({ value: 3, previous: 3, measure: 'count' }))?.direction).toBe('same');
  });
  it('compares nothing with nothing', () => {
    expect(trendOf(figure({ value: 3 }))).toBeUndefined();
    expect(trendOf(figure({ value: 3, previous: 0, measure: 'count' }))).toBeUndefined();
  });
});

describe('the file', () => {
  it('quotes, and runs no formula', () => {
    const csv = figureCsv(
      figure({
        columns: [
          { key: 'n', name: { vi: 'Tên', en: 'Name' }, kind: 'text' },
          { key: 'c', name: { vi: 'Số', en: 'Number' }, kind: 'count' },
        ],
        rows: [{ cells: [{ text: '=1+1' }, { number: 5 }] }, { cells: [{ text: 'Dump, "x"', textVi: 'Kết xuất' }, {}] }],
      }),
      'vi',
    );
    expect(csv).toBe("\ufeffTên,Số\r\n'=1+1,5\r\nKết xuất,\r\n");
  });
});
