import { describe, expect, it } from 'vitest';

import { addDays, addMonths, dayName, dayOf, readMonth, weeksOf } from './month';

describe('days and months', () => {
  it('are those of Vietnam, whatever the zone of the computer', () => {
    expect(dayOf(Date.parse('2026-11-22T16:59:59Z'))).toBe('2026-11-22');
    expect(dayOf(Date.parse('2026-11-22T17:00:00Z'))).toBe('2026-11-23');
  });
  it('go over the ends of months and years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addMonths('2026-12', 1)).toBe('2027-01');
    expect(addMonths('2026-01', -1)).toBe('2025-12');
    expect(addMonths('2026-11', 14)).toBe('2028-01');
  });
  it('are shown in whole weeks from Monday', () => {
    const weeks = weeksOf('2026-11');
    expect(weeks).toHaveLength(6);
    expect(weeks[0]?.[0]).toBe('2026-10-26');
    expect(weeks.at(-1)?.at(-1)).toBe('2026-12-06');
    expect(weeksOf('2027-02').flat()).toHaveLength(28);
  });
  it('are read from an address', () => {
    expect(readMonth('2026-11')).toBe('2026-11');
    for (const wrong of ['2026-13', '2026-1', '', 11, undefined]) expect(readMonth(wrong)).toBeUndefined();
  });
  it('have names', () => {
    expect(dayName('2026-11-23', 'vi')).toBe('Thứ Hai, 23/11/2026');
    expect(dayName('2026-11-22', 'en')).toBe('Sunday, 22/11/2026');
  });
});
