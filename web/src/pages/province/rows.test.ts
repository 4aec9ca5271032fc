import { describe, expect, it } from 'vitest';

import { type Figures, listOf, rowsOf, runningYear, totalsOf } from './rows';

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
    expect(rows[1]).toMatchObject({ systems: 0, approved: 0 });
    expect(rows[1]?.layers).toBeUndefined();
  });
  it('say no share of machines where none are known, and never 100 % where one is bare', () => {
    const coverage = { items: [{ unit: 'a', unitName: 'An', machines: { total: 0, covered: 0 } }, { unit: 'b', unitName: 'Bình', machines: { total: 1000, covered: 999 } }] };
    const rows = rowsOf({ ...nothing, coverage: coverage as unknown as Figures['coverage'] });
    expect(rows).toEqual([{ unit: 'b', name: 'Bình', covered: 99, bad: ['covered'] }]);
  });
  it('lead to lists of the unit', () => {
    expect(listOf('late', 'so y', 2026)).toBe('/vulnerabilities?late=true&unit=so%20y');
    expect(listOf('systems', 'a', 2026)).toBe('/form-08?counter=total&unit=a&alone=true&year=2026');
    expect(listOf('systems', undefined, 2026)).toBe('/form-08?counter=total&year=2026');
    // No list holds exactly these, so the number leads nowhere rather than to others.
    expect(listOf('layers', 'a', 2026)).toBeUndefined();
    expect(listOf('severe', 'a', 2026)).toBeUndefined();
  });
  it('are there for units of which nothing is told, unless they ended', () => {
    const form = { units: [] } as unknown as Figures['form'];
    const units = [{ id: 'a', name: 'An', status: 'active' }, { id: 'b', name: 'Bình', status: 'ended' }];
    expect(rowsOf({ ...nothing, form }, units)).toEqual([{ unit: 'a', name: 'An', systems: 0, approved: 0, bad: [] }]);
  });
  it('has totals that follow the unit', () => {
    const form = { counts: { total: 5, approved: 3 }, units: [{ unit: 'a', unitName: 'An', counts: { total: 2, approved: 1 } }] } as unknown as Figures['form'];
    expect(totalsOf({ ...nothing, form }, undefined).form).toEqual({ total: 5, approved: 3 });
    expect(totalsOf({ ...nothing, form }, 'a').form).toEqual({ total: 2, approved: 1 });
    expect(totalsOf({ ...nothing, form }, 'b').form).toEqual({ total: 0, approved: 0 });
    expect(totalsOf(nothing, 'a').form).toBeUndefined();
  });
  it('tell of today once the cut-off is over', () => {
    expect([new Date(2026, 11, 14), new Date(2026, 11, 15), new Date(2027, 0, 1)].map(runningYear)).toEqual([2026, 2027, 2027]);
  });
});
