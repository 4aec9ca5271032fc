// Days and moments as people in Vietnam type them: "22/11/2026", "22/11/2026 14:30".
import { formatTime } from '../lib/time';

const form = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

const pad = (n: number) => String(n).padStart(2, '0');

/**
 * The moment a text names in Vietnam's time, as RFC 3339 in UTC; undefined where
 * it names none ("31/02/2026"). A day alone is its beginning, or with end its
 * last millisecond.
 */
export function parseMoment(text: string, { end = false } = {}): string | undefined {
  const match = form.exec(text.trim());
  if (!match) return undefined;
  const [day, month, year] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const whole = match[4] === undefined;
  const [hour, minute, second] = whole && end ? [23, 59, 59] : [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const civil = new Date(Date.UTC(year, month - 1, day));
  if (civil.getUTCDate() !== day || civil.getUTCMonth() !== month - 1 || civil.getUTCFullYear() !== year) return undefined;
  const ms = whole && end ? '999' : '000';
  return new Date(
    `${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}.${ms}+07:00`,
  ).toISOString();
}

/** As somebody would have typed it: the day alone where the moment is its edge. */
export function momentText(rfc3339: string | undefined): string {
  if (!rfc3339) return '';
  const [day = '', time = ''] = formatTime(rfc3339).split(' ');
  return time === '00:00:00' || time === '23:59:59' ? day : `${day} ${time.endsWith(':00') ? time.slice(0, 5) : time}`;
}
