// What a chart shows, apart from how it is drawn; and the same as a table, so that
// every number can be read, heard and copied.
import { formatTime } from '../lib/time';

/** A level's colour, "ok" or "accent"; the rest share a palette the colour-blind can tell apart. */
export type Tone = 'critical' | 'high' | 'medium' | 'low' | 'informational' | 'ok' | 'accent';

interface Named {
  name: string;
  tone?: Tone;
}

/** Counts or measures over time; a point's time is the start of its bucket, in milliseconds. */
export interface TimeChart {
  kind: 'time';
  look: 'bars' | 'lines' | 'areas';
  stacked?: boolean;
  series: (Named & { points: [atMs: number, value: number | null][] })[];
}

/** One or several numbers for each of some things, as lying bars. */
export interface BarsChart {
  kind: 'bars';
  stacked?: boolean;
  names: string[];
  /** null: there is no such number. */
  series: (Named & { values: (number | null)[] })[];
}

/** The parts of a whole. */
export interface ShareChart {
  kind: 'share';
  parts: (Named & { value: number })[];
}

export type ChartSpec = TimeChart | BarsChart | ShareChart;

export interface ChartTable {
  /** The first column names what the others are the numbers of. */
  columns: string[];
  rows: { name: string; values: (number | null)[] }[];
}

/** The numbers of a chart as a table; head names its first column and, where a chart has no series, its number. */
export function tableOf(spec: ChartSpec, head: { name: string; value: string }): ChartTable {
  switch (spec.kind) {
    case 'time': {
      const moments = [...new Set(spec.series.flatMap((s) => s.points.map(([at]) => at)))].sort((a, b) => a - b);
      const known = spec.series.map((s) => new Map(s.points));
      return {
        columns: [head.name, ...spec.series.map((s) => s.name)],
        rows: moments.map((at) => ({ name: formatTime(new Date(at)), values: known.map((points) => points.get(at) ?? null) })),
      };
    }
    case 'bars':
      return {
        columns: [head.name, ...spec.series.map((s) => s.name)],
        rows: spec.names.map((name, i) => ({ name, values: spec.series.map((s) => s.values[i] ?? null) })),
      };
    case 'share':
      return { columns: [head.name, head.value], rows: spec.parts.map(({ name, value }) => ({ name, values: [value] })) };
  }
}

/** True where there is nothing to draw. */
export function isEmpty(spec: ChartSpec): boolean {
  switch (spec.kind) {
    case 'time':
      return spec.series.every((s) => s.points.length === 0);
    case 'bars':
      return spec.names.length === 0;
    case 'share':
      return spec.parts.every((part) => part.value === 0);
  }
}

/** As a spreadsheet takes it from the clipboard: columns by tabs. */
export function tableText({ columns, rows }: ChartTable): string {
  const plain = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  return [columns.map(plain), ...rows.map((row) => [plain(row.name), ...row.values.map((value) => (value === null ? '' : String(value)))])]
    .map((cells) => cells.join('\t'))
    .join('\n');
}
