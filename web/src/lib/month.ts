// Days and months as text, "2026-11-23" and "2026-11": no clock and no zone in them.

const dayMs = 86_400_000;
const pad = (n: number) => String(n).padStart(2, '0');
const at = (day: string) => new Date(`${day}T00:00:00Z`);
const iso = (d: Date) => d.toISOString().slice(0, 10);

/** The day in Vietnam at a moment. */
export const dayOf = (ms: number) => iso(new Date(ms + 7 * 3_600_000));

export const monthOf = (day: string) => day.slice(0, 7);

/** So many days later. */
export const addDays = (day: string, n: number) => iso(new Date(at(day).getTime() + n * dayMs));

/** So many months later. */
export function addMonths(month: string, n: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + n;
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${pad((count % 12) + 1)}`;
}

/** "2026-11", or undefined for anything else. */
export function readMonth(value: unknown): string | undefined {
  return typeof value === 'string' && /^20\d\d-(0[1-9]|1[0-2])$/.test(value) ? value : undefined;
}

/** The weeks, Monday to Sunday, that a month has a day in. */
export function weeksOf(month: string): string[][] {
  const first = `${month}-01`;
  let day = addDays(first, -((at(first).getUTCDay() + 6) % 7));
  const weeks: string[][] = [];
  while (weeks.length === 0 || monthOf(day) === month) {
    weeks.push(Array.from({ length: 7 }, (_, n) => addDays(day, n)));
    day = addDays(day, 7);
  }
  return weeks;
}

/** What has a day, under its day, in the order it comes in. */
export function byDay<T extends { day: string }>(items: readonly T[]): Map<string, T[]> {
  const days = new Map<string, T[]>();
  for (const one of items) days.set(one.day, [...(days.get(one.day) ?? []), one]);
  return days;
}

/** "Thứ Hai, 23/11/2026" */
export function dayName(day: string, language: string): string {
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(at(day));
  return `${weekday}, ${day.slice(8)}/${day.slice(5, 7)}/${day.slice(0, 4)}`;
}

/** "T2" to "CN", or the short names of the language. */
export const weekdays = (language: string) =>
  Array.from({ length: 7 }, (_, n) => new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(at(addDays('2026-11-23', n))));
