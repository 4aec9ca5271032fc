// Days off as people write them, "16/02, 17/02", and as they are kept, "02-16".

export const dayText = (day: string) => day.split('-').reverse().join('/');

/** The days of a text, in their order; bad is the first word that is no day. */
export function readDays(text: string): { days: string[]; bad?: string } {
  const days = new Set<string>();
  for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
    const [, d, m] = /^(\d{1,2})[/.-](\d{1,2})$/.exec(word) ?? [];
    if (d === undefined || m === undefined || Number(d) < 1 || Number(d) > 31 || Number(m) < 1 || Number(m) > 12) return { days: [...days].sort(), bad: word };
    days.add(`${m.padStart(2, '0')}-${d.padStart(2, '0')}`);
  }
  return { days: [...days].sort() };
}
