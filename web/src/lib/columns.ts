// The columns of the result list as the address keeps them: names in order,
// each with the width somebody gave it: "_host,user~220,_raw".

export interface Column {
  name: string;
  /** In pixels; missing: the usual width. */
  width?: number;
}

/** The columns every event can fill, beside the time, which is always first. */
export const hostColumn = '_host';
export const kindColumn = '_kind';
export const rawColumn = '_raw';

export const defaultColumns: readonly Column[] = [{ name: hostColumn }, { name: kindColumn }, { name: rawColumn }];

export const maxColumns = 16;
export const minWidth = 64;
export const maxWidth = 1200;
const usualWidths: Record<string, number> = { [hostColumn]: 132, [kindColumn]: 122, [rawColumn]: 480 };

export function widthOf(column: Column): number {
  return column.width ?? usualWidths[column.name] ?? 160;
}

const escape = (name: string) => name.replace(/[%,~]/g, (c) => encodeURIComponent(c).replace('~', '%7E'));

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function readColumns(text: unknown): Column[] | undefined {
  if (typeof text !== 'string') return undefined;
  const columns: Column[] = [];
  for (const part of text.split(',')) {
    const [name = '', width = ''] = part.split('~');
    const column: Column = { name: unescape(name.trim()) };
    if (column.name === '' || columns.some((other) => other.name === column.name)) continue;
    const pixels = Number.parseInt(width, 10);
    if (pixels > 0) column.width = clampWidth(pixels);
    columns.push(column);
  }
  return columns.length > 0 ? columns.slice(0, maxColumns) : undefined;
}

export function writeColumns(columns: readonly Column[]): string {
  return columns
    .slice(0, maxColumns)
    .map(({ name, width }) => (width === undefined ? escape(name) : `${escape(name)}~${String(width)}`))
    .join(',');
}

export function hasColumn(columns: readonly Column[], name: string): boolean {
  return columns.some((column) => column.name === name);
}

/** Adds a field before the whole record, where there is room to read it, or takes it away. */
export function toggleColumn(columns: readonly Column[], name: string): Column[] {
  if (hasColumn(columns, name)) {
    const left = columns.filter((column) => column.name !== name);
    return left.length > 0 ? left : [...defaultColumns];
  }
  const end = columns.at(-1)?.name === rawColumn ? columns.length - 1 : columns.length;
  const room = columns.length >= maxColumns ? columns.slice(0, end - 1) : columns.slice(0, end);
  return [...room, { name }, ...columns.slice(end)];
}

/** Moves a column to where another stands. */
export function moveColumn(columns: readonly Column[], name: string, target: string): Column[] {
  const from = columns.findIndex((column) => column.name === name);
  const to = columns.findIndex((column) => column.name === target);
  const moved = columns[from];
  if (from < 0 || to < 0 || from === to || !moved) return [...columns];
  const rest = columns.filter((column) => column !== moved);
  return [...rest.slice(0, to), moved, ...rest.slice(to)];
}

/** Moves a column by places, as far as the ends. */
export function shiftColumn(columns: readonly Column[], name: string, by: number): Column[] {
  const from = columns.findIndex((column) => column.name === name);
  const target = columns[Math.min(columns.length - 1, Math.max(0, from + by))];
  return from < 0 || !target ? [...columns] : moveColumn(columns, name, target.name);
}

function clampWidth(pixels: number): number {
  return Math.round(Math.min(maxWidth, Math.max(minWidth, pixels)));
}

export function resizeColumn(columns: readonly Column[], name: string, pixels: number): Column[] {
  return columns.map((column) => (column.name === name ? { ...column, width: clampWidth(pixels) } : column));
}

/** The columns last used, for a page opened without any. */
const columnsKey = 'lachan.search.columns';

export function rememberedColumns(): Column[] | undefined {
  try {
    return readColumns(localStorage.getItem(columnsKey));
  } catch {
    return undefined;
  }
}

export function rememberColumns(columns: readonly Column[]) {
  try {
    localStorage.setItem(columnsKey, writeColumns(columns));
  } catch {
    // Without storage the choice lasts as long as the address.
  }
}
