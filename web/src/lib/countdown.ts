// How a legal clock stands, for whoever shows it.

export interface Clock {
  startedAt: string;
  dueAt: string;
  state: 'pending' | 'prepared' | 'sent' | 'acknowledged' | 'withdrawn';
  doneAt?: string | undefined;
}

export type Stage = 'early' | 'half' | 'soon' | 'late' | 'done' | 'doneLate' | 'withdrawn';

type Part = 'day' | 'hour' | 'minute' | 'second';

export interface Standing {
  stage: Stage;
  /** Percent of the time that is over, 0 to 100. */
  passed: number;
  /** The time left or overdue: the greatest unit and the one below it. */
  parts: { unit: Part; count: number }[];
}

const sizes: readonly (readonly [Part, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** A length in at most two units: of what is more than a day, days and hours. */
export function lengthParts(seconds: number): { unit: Part; count: number }[] {
  const found = sizes.findIndex(([, size]) => seconds >= size);
  const from = found < 0 ? sizes.length - 1 : found;
  const parts: { unit: Part; count: number }[] = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const [unit, size] of sizes.slice(from, from + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length === 0) parts.push({ unit, count });
  }
  return parts;
}

/** Colours turn where those responsible are reminded: at 50, 80 and 100 percent. */
export function standing(clock: Clock, nowMs: number): Standing {
  const started = Date.parse(clock.startedAt);
  const due = Date.parse(clock.dueAt);
  const at = clock.doneAt ? Date.parse(clock.doneAt) : nowMs;
  const share = due > started ? ((at - started) / (due - started)) * 100 : 100;
  const passed = Math.round(Math.min(100, Math.max(0, share)));
  const overdue = at > due;
  // What is late has a whole second of it at least.
  const seconds = overdue ? Math.max(1, Math.floor((at - due) / 1_000)) : Math.ceil((due - at) / 1_000);
  const over = overdue && seconds >= 3_600 ? lengthParts(seconds).slice(0, seconds >= 86_400 ? 2 : 1) : lengthParts(seconds);
  if (clock.state === 'withdrawn') return { stage: 'withdrawn', passed, parts: [] };
  if (clock.state === 'sent' || clock.state === 'acknowledged') return { stage: overdue ? 'doneLate' : 'done', passed, parts: over };
  return { stage: overdue ? 'late' : share >= 80 ? 'soon' : share >= 50 ? 'half' : 'early', passed, parts: over };
}
