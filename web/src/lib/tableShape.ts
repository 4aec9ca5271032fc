// What a table of a search is made of: which columns tell its groups apart,
// which are counted, what picture fits, and which search finds the events of a
// row.
import type { Cell, Table } from '../api/types';
import { clause, splitAnd } from './query';
import { splitStages } from './queryText';

export type Row = readonly Cell[];

export interface Shape {
  /** The column of the spans of time, of a timechart only. */
  time: number;
  spanMs: number;
  groups: number[];
  numbers: number[];
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The span of "| timechart 5m …" in milliseconds; 0 without one. */
export function spanOf(query: string): number {
  const match = /^\|\s*timechart\s+(?:span\s*=\s*)?(\d+)([smhd])\b/i.exec(splitStages(query).stages);
  return match ? Number(match[1]) * unitMs[(match[2] ?? 's').toLowerCase() as keyof typeof unitMs] : 0;
}

export function shapeOf(columns: Table['columns'], query: string): Shape {
  const spanMs = spanOf(query);
  const indexes = columns.map((_, i) => i);
  return {
    // "min(time)" is a time, too, but no span.
    time: spanMs > 0 && columns[0]?.type === 'time' ? 0 : -1,
    spanMs,
    groups: indexes.filter((i) => columns[i]?.type === 'text'),
    numbers: indexes.filter((i) => columns[i]?.type === 'number'),
  };
}

export interface Drill {
  q: string;
  from?: string;
  to?: string;
}

/** The search that finds the events a row was made of; undefined for a row about all events found. */
export function drillDown(query: string, columns: Table['columns'], row: Row): Drill | undefined {
  const shape = shapeOf(columns, query);
  if (shape.time < 0 && shape.groups.length === 0) return undefined;
  const { events } = splitStages(query);
  const filters: string[] = [];
  for (const i of shape.groups) {
    const value = row[i];
    const filter = clause(columns[i]?.name ?? '', typeof value === 'string' ? value : '');
    if (!splitAnd(events)?.includes(filter)) filters.push(filter);
  }
  const drill: Drill = { q: addAll(events, filters) };
  const time = row[shape.time];
  if (typeof time === 'string') {
    drill.from = new Date(time).toISOString();
    drill.to = new Date(Date.parse(time) + shape.spanMs).toISOString();
  }
  return drill;
}

function addAll(events: string, filters: readonly string[]): string {
  if (filters.length === 0) return events;
  if (events === '') return filters.join(' AND ');
  const safe = splitAnd(events) ? events : `(${events})`;
  return [safe, ...filters].join(' AND ');
}

/** Missing values last either way; numbers as numbers, texts as Vietnamese sorts them. */
export function sortRows(rows: readonly Row[], column: number, descending: boolean, compareText: (a: string, b: string) => number): Row[] {
  return [...rows].sort((a, b) => {
    const x = a[column] ?? null;
    const y = b[column] ?? null;
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : compareText(String(x), String(y));
    return descending ? -order : order;
  });
}

export interface Series {
  name: string;
  /** [moment in milliseconds, value] */
  points: [number, number][];
}

export type Picture =
  | { kind: 'lines'; series: Series[]; spanMs: number; more: number }
  | { kind: 'bars'; names: string[]; values: number[]; measure: string; more: number };

const mostSeries = 8;
const mostBars = 20;

/** The picture that fits a table; undefined where the numbers say it better. */
export function pictureOf(table: Pick<Table, 'columns' | 'rows'>, query: string, separator = ' · '): Picture | undefined {
  const shape = shapeOf(table.columns, query);
  const measure = shape.numbers[0];
  if (measure === undefined || table.rows.length === 0) return undefined;
  const nameOf = (row: Row) => shape.groups.map((i) => String(row[i] ?? '')).join(separator);
  if (shape.time >= 0) {
    const series = new Map<string, Series & { total: number }>();
    for (const row of table.rows) {
      const value = row[measure];
      if (typeof value !== 'number') continue;
      const name = shape.groups.length > 0 ? nameOf(row) : (table.columns[measure]?.name ?? '');
      const one = series.get(name) ?? { name, points: [], total: 0 };
      one.points.push([Date.parse(String(row[shape.time])), value]);
      one.total += value;
      series.set(name, one);
    }
    const ranked = [...series.values()].sort((a, b) => b.total - a.total);
    return {
      kind: 'lines',
      series: ranked.slice(0, mostSeries).map(({ name, points }) => ({ name, points: points.sort((a, b) => a[0] - b[0]) })),
      spanMs: shape.spanMs,
      more: Math.max(0, ranked.length - mostSeries),
    };
  }
  if (shape.groups.length === 0) return undefined;
  const shown = table.rows.slice(0, mostBars);
  return {
    kind: 'bars',
    names: shown.map(nameOf),
    values: shown.map((row) => (typeof row[measure] === 'number' ? row[measure] : 0)),
    measure: table.columns[measure]?.name ?? '',
    more: table.rows.length - shown.length,
  };
}

/** Every span of a time between two moments, 0 where a series has none: gaps are zeros, not bridges. */
export function fillSpans(points: readonly [number, number][], spanMs: number, fromMs: number, toMs: number): [number, number][] {
  const most = 3000;
  const first = points[0]?.[0];
  if (first === undefined || spanMs <= 0 || (toMs - fromMs) / spanMs > most) return [...points];
  const known = new Map(points);
  const out: [number, number][] = [];
  let at = first - Math.floor((first - fromMs) / spanMs) * spanMs;
  if (at < fromMs - spanMs) at = fromMs;
  for (; at < toMs; at += spanMs) {
    out.push([at, known.get(at) ?? 0]);
    known.delete(at);
  }
  return [...out, ...known.entries()].sort((a, b) => a[0] - b[0]);
}
