// How a figure's numbers are written and compared.
import type { Figure, FigureCell, FigureColumn } from '../api/boardQueries';
import { formatBytes, formatCompact, formatNumber } from './format';
import { formatTime } from './time';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "3 giờ 20 phút", in the two greatest units. */
export function formatDuration(seconds: number, language: string): string {
  const rest = Math.max(0, Math.round(seconds));
  const at = units.findIndex(([, width]) => rest >= width);
  const from = at < 0 ? units.length - 1 : at;
  const write = (n: number, unit: string) =>
    new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', { style: 'unit', unit, unitDisplay: 'long' }).format(n);
  const [unit, width] = units[from] ?? units[3];
  const whole = Math.floor(rest / width);
  const next = units[from + 1];
  const small = next ? Math.floor((rest % width) / next[1]) : 0;
  return next && small > 0 ? `${write(whole, unit)} ${write(small, next[0])}` : write(whole, unit);
}

export function formatShare(share: number, language: string): string {
  return new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share);
}

export type Measure = NonNullable<Figure['measure']>;

interface How {
  language: string;
  /** Words for "12 a second". */
  perSecond: (n: string) => string;
  /** As short as an axis wants it. */
  short?: boolean;
}

export function formatMeasure(n: number, measure: Measure, { language, perSecond, short }: How): string {
  switch (measure) {
    case 'seconds':
      return formatDuration(n, language);
    case 'bytes':
      return formatBytes(n, language);
    case 'share':
      return formatShare(n, language);
    case 'perSecond':
      return perSecond(formatNumber(n, language));
    case 'count':
      return short ? formatCompact(n, language) : formatNumber(n, language);
  }
}

export const isMeasure = (kind: FigureColumn['kind']): kind is Measure & FigureColumn['kind'] =>
  kind !== 'time' && kind !== 'text' && kind !== 'level';

/** The text of a cell that is no number. */
export function cellText(cell: FigureCell | undefined, language: string): string {
  return (language === 'vi' ? cell?.textVi : undefined) ?? cell?.text ?? '';
}

/** A cell as people read it; "" where there is nothing. */
export function writeCell(cell: FigureCell | undefined, column: FigureColumn, how: How): string {
  if (isMeasure(column.kind)) return cell?.number === undefined ? '' : formatMeasure(cell.number, column.kind, how);
  const text = cellText(cell, how.language);
  return column.kind === 'time' && text ? formatTime(text) : text;
}

export interface Trend {
  direction: 'up' | 'down' | 'same';
  /** Percent, or points of a share. */
  by: number;
  points: boolean;
  good: boolean | undefined;
}

/** What changed since the period before; undefined where nothing can be compared. */
export function trendOf({ value, previous, measure, better }: Figure): Trend | undefined {
  if (value === undefined || previous === undefined) return undefined;
  const points = measure === 'share';
  if (!points && previous === 0 && value !== 0) return undefined;
  const by = points ? Math.round((value - previous) * 1_000) / 10 : previous === 0 ? 0 : Math.round((100 * (value - previous)) / previous);
  const direction = by > 0 ? 'up' : by < 0 ? 'down' : 'same';
  const good = !better || direction === 'same' ? undefined : (direction === 'up') === (better === 'more');
  return { direction, by: Math.abs(by), points, good };
}

// A cell that begins like a formula would be run by whoever opens the file.
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** The table as a file for spreadsheet programs, numbers as numbers, times in RFC 3339. */
export function figureCsv(figure: Figure, language: 'vi' | 'en'): string {
  const field = (value: string | number | undefined) => {
    if (typeof value === 'number') return String(value);
    const text = formula.test(value ?? '') ? `'${value ?? ''}` : (value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const lines = [
    figure.columns.map((c) => field(c.name[language])),
    ...figure.rows.map((row) => row.cells.map((cell) => field(cell.number ?? cellText(cell, language)))),
  ];
  return `\ufeff${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}
