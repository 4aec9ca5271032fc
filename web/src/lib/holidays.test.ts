import { describe, expect, it } from 'vitest';

import { dayText, readDays } from './holidays';

describe('days off', () => {
  it('are read as people write them and kept in order, once each', () => {
    expect(readDays('17/2, 16/02; 1/1\n17/02')).toEqual({ days: ['01-01', '02-16', '02-17'] });
    expect(readDays('')).toEqual({ days: [] });
  });
  it('name the word that is no day', () => {
    expect(readDays('16/02 tết').bad).toBe('tết');
    expect(readDays('32/01').bad).toBe('32/01');
    expect(readDays('01/13').bad).toBe('01/13');
  });
  it('are shown as people write them', () => {
    expect(dayText('02-16')).toBe('16/02');
  });
});
