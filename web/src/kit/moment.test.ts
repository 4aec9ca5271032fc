import { describe, expect, it } from 'vitest';

import { momentText, parseMoment } from './moment';

describe('a moment as it is typed', () => {
  it('is in Vietnam’s time', () => {
    expect(parseMoment('22/11/2026 14:30')).toBe('2026-11-22T07:30:00.000Z');
    expect(parseMoment('22/11/2026 06:05:09')).toBe('2026-11-21T23:05:09.000Z');
  });

  it('is the beginning of a day, or its end', () => {
    expect(parseMoment('2/9/2026')).toBe('2026-09-01T17:00:00.000Z');
    expect(parseMoment('2/9/2026', { end: true })).toBe('2026-09-02T16:59:59.999Z');
    expect(parseMoment('2/9/2026 08:00', { end: true })).toBe('2026-09-02T01:00:00.000Z');
  });

  it('may be written with dots, dashes and spaces around', () => {
    expect(parseMoment(' 22.11.2026 ')).toBe(parseMoment('22/11/2026'));
    expect(parseMoment('22-11-2026')).toBe(parseMoment('22/11/2026'));
  });

  it.each(['', '31/02/2026', '2026-11-22', '11/22/2026', '22/11/26', '22/11/2026 24:00', '22/11/2026 10:60', 'hôm nay'])(
    'is none: %s',
    (text) => {
      expect(parseMoment(text)).toBeUndefined();
    },
  );

  it('comes back as it was typed', () => {
    for (const text of ['22/11/2026', '22/11/2026 14:30', '22/11/2026 14:30:05']) {
      expect(momentText(parseMoment(text))).toBe(text);
    }
    expect(momentText(parseMoment('22/11/2026', { end: true }))).toBe('22/11/2026');
    expect(momentText(undefined)).toBe('');
  });
});
