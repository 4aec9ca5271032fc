import { describe, expect, it } from 'vitest';

import { isEmpty, tableOf, tableText } from './chartSpec';

const head = { name: 'Thời điểm', value: 'Số lượng' };
const at = Date.parse('2026-11-22T03:00:00Z');

describe('the table behind a chart', () => {
  it('has a row for each moment of any series, and says where one has none', () => {
    const table = tableOf(
      {
        kind: 'time',
        look: 'bars',
        series: [
          { name: 'Cao', points: [[at + 3_600_000, 4], [at, 1]] },
          { name: 'Thấp', points: [[at, 7]] },
        ],
      },
      head,
    );
    expect(table.columns).toEqual(['Thời điểm', 'Cao', 'Thấp']);
    expect(table.rows).toEqual([
      { name: '22/11/2026 10:00:00', values: [1, 7] },
      { name: '22/11/2026 11:00:00', values: [4, null] },
    ]);
  });

  it('has a row for each thing and a column for each series', () => {
    const table = tableOf({ kind: 'bars', names: ['Sở A', 'Sở B'], series: [{ name: 'Mới', values: [3, 0] }] }, head);
    expect(table.rows).toEqual([
      { name: 'Sở A', values: [3] },
      { name: 'Sở B', values: [0] },
    ]);
  });

  it('has a row for each part', () => {
    const table = tableOf({ kind: 'share', parts: [{ name: 'Đạt', value: 2 }] }, head);
    expect(table).toEqual({ columns: ['Thời điểm', 'Số lượng'], rows: [{ name: 'Đạt', values: [2] }] });
  });

  it('goes into a spreadsheet, one cell a value', () => {
    expect(tableText({ columns: ['a', 'b'], rows: [{ name: 'x\ty\nz', values: [1, null] }] })).toBe('a\tb\nx y z\t1\t');
  });

  it('knows when there is nothing', () => {
    expect(isEmpty({ kind: 'share', parts: [{ name: 'a', value: 0 }] })).toBe(true);
    expect(isEmpty({ kind: 'bars', names: ['a'], series: [] })).toBe(false);
  });
});
