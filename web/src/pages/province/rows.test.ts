import { describe, expect, it } from 'vitest';

import { type Figures, listOf, rowsOf } from './rows';

const nothing: Figures = { form: undefined, layers: undefined, report: undefined, coverage: undefined, wall: undefined };

describe('the rows of the overview', () => {
  it('are those units that some part tells of, what is bad first', () => {
    const form = { units: [{ unit: 'a', unitName: 'An', counts: { total: 2, approved: 2 } }, { unit: 'b', unitName: 'Bình', counts: { total: 3, approved: 1 } }] };
    const wall = { units: [{ unit: 'c', unitName: 'Châu', open: 1, late: 1 }] };
    const rows = rowsOf({ ...nothing, form: form as unknown as Figures['form'], wall: wall as unknown as Figures['wall'] });
    expect(rows.map((row) => [row.unit, row.bad])).toEqual([
      ['b', ['approved']],
      ['c', ['duties']],
      ['a', []],
    ]);
    expect(rows[0]).toMatchObject({ systems: 3, approved: 1 });
    expect(rows[1]?.systems).toBeUndefined();
  });
  it('say no share of machines where none are known, and never 100 % where one is bare', () => {
    const coverage = { items: [{ unit: 'a', unitName: 'An', machines: { total: 0, covered: 0 } }, { unit: 'b', unitName: 'Bình', machines: { total: 1000, covered: 999 } }] };
    const rows = rowsOf({ ...nothing, coverage: coverage as unknown as Figures['coverage'] });
    expect(rows).toEqual([{ unit: 'b', name: 'Bình', covered: 99, bad: ['covered'] }]);
  });
  it('lead to lists of the unit', () => {
    expect(listOf('late', 'so y')).toBe('/vulnerabilities?late=true&unit=so%20y');
  });
});
