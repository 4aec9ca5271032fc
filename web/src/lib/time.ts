// Times as people in Vietnam read them: dd/mm/yyyy HH:mm:ss in
// Asia/Ho_Chi_Minh, which has been UTC+7 all year since 1975. Machines keep
// RFC 3339 in UTC.

export const zone = 'Asia/Ho_Chi_Minh';
const zoneOffsetMs = 7 * 3_600_000;

const pad = (n: number, width = 2) => String(n).padStart(width, '0');

interface Wall {
  date: string;
  time: string;
  ms: string;
}

function wall(at: Date, offsetMs: number): Wall {
  const d = new Date(at.getTime() + offsetMs);
  return {
    date: `${pad(d.getUTCDate())}/${pad(d.getUTCMonth() + 1)}/${pad(d.getUTCFullYear(), 4)}`,
    time: `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`,
    ms: pad(d.getUTCMilliseconds(), 3),
  };
}

export interface FormatOptions {
  ms?: boolean;
}

/** "22/11/2026 10:20:58" in Vietnam's time; the input unchanged if it is no time. */
export function formatTime(rfc3339: string | Date, { ms = false }: FormatOptions = {}): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return String(rfc3339);
  const w = wall(at, zoneOffsetMs);
  return `${w.date} ${w.time}${ms ? `.${w.ms}` : ''}`;
}

/** "22/11/2026": the last day of a time in days, which is over when the day is. */
export function lastDay(end: string): string {
  return formatTime(new Date(Date.parse(end) - 1)).slice(0, 10);
}

/** "22/11/2026 03:20:58.123 UTC", shown when the pointer rests on a time. */
export function formatUtc(rfc3339: string | Date): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return String(rfc3339);
  const w = wall(at, 0);
  return `${w.date} ${w.time}.${w.ms} UTC`;
}

/** The label of a chart's axis: as little as tells the buckets apart. */
export function formatAxis(ms: number, bucketSeconds: number): string {
  const w = wall(new Date(ms), zoneOffsetMs);
  const day = w.date.slice(0, 5);
  if (bucketSeconds >= 86_400) return day;
  if (bucketSeconds >= 3_600) return `${day} ${w.time.slice(0, 5)}`;
  return bucketSeconds >= 60 ? w.time.slice(0, 5) : w.time;
}

/** "YYYY-MM-DD HH:mm:ss" of Vietnam's wall clock, the form the date picker speaks. */
export function toPicker(rfc3339: string): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() + zoneOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A point in time as a link keeps it: "now", "now-15m" or RFC 3339. */
export type Point = string;

const relative = /^now(?:-(\d{1,6})([smhdw]))?$/;

export function isRelative(point: Point): boolean {
  return relative.test(point);
}

export function isPoint(point: unknown): point is Point {
  return typeof point === 'string' && (relative.test(point) || !Number.isNaN(Date.parse(point)));
}

export function resolve(point: Point, nowMs: number): string {
  const match = relative.exec(point);
  if (!match) return new Date(point).toISOString();
  const unit = (match[2] ?? 's') as keyof typeof unitMs;
  return new Date(nowMs - Number(match[1] ?? 0) * unitMs[unit]).toISOString();
}

export interface TimeRange {
  from: Point;
  to: Point;
}

export const defaultRange: TimeRange = { from: 'now-24h', to: 'now' };

export function resolveRange(range: TimeRange, nowMs: number): { from: string; to: string } {
  return { from: resolve(range.from, nowMs), to: resolve(range.to, nowMs) };
}

/** Ranges offered by name; the catalogue key is range.<from without "now-">. */
export const presets = ['15m', '1h', '6h', '24h', '7d', '30d', '365d'] as const;

export function presetOf(range: TimeRange): (typeof presets)[number] | undefined {
  if (range.to !== 'now') return undefined;
  return presets.find((preset) => range.from === `now-${preset}`);
}

export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1_000;
}
