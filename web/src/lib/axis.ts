// Round moments for the axis of a chart, round by the clock of Vietnam: full
// hours and midnights of UTC+7, wherever the browser stands.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const offsetMs = 7 * hour;

const steps = [
  second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
  minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
  hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
  day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 180 * day, 365 * day,
] as const;

export interface Ticks {
  stepMs: number;
  at: number[];
}

/** At most `most` round moments between two; all moments in milliseconds. */
export function timeTicks(fromMs: number, toMs: number, most: number): Ticks {
  const span = toMs - fromMs;
  if (!(span > 0) || most < 1) return { stepMs: day, at: [] };
  const stepMs = steps.find((step) => span / step <= most) ?? Math.ceil(span / most / (365 * day)) * 365 * day;
  const at: number[] = [];
  for (let t = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs; t <= toMs; t += stepMs) at.push(t);
  return { stepMs, at };
}

/** A round number at or above the largest value, for the top of a count axis. */
export function roundUp(largest: number): number {
  if (largest <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  for (const factor of [1, 2, 2.5, 5, 10]) {
    const round = factor * power;
    if (round >= largest && Number.isInteger(round)) return round;
  }
  return Math.ceil(largest);
}
