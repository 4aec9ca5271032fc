// The search page's whole state as its address keeps it.
import { defaultRange, isPoint } from './time';

export interface SearchParams {
  q?: string;
  from?: string;
  to?: string;
  order?: 'asc';
  view?: 'json';
  /** Extra columns, separated by commas. */
  cols?: string;
  /** The event whose detail is open. */
  event?: string;
}

export function readSearchParams(search: Record<string, unknown>): SearchParams {
  const params: SearchParams = {};
  if (typeof search.q === 'string' && search.q !== '') params.q = search.q;
  if (isPoint(search.from) && search.from !== defaultRange.from) params.from = search.from;
  if (isPoint(search.to) && search.to !== defaultRange.to) params.to = search.to;
  if (search.order === 'asc') params.order = 'asc';
  if (search.view === 'json') params.view = 'json';
  const cols = splitColumns(search.cols);
  if (cols.length > 0) params.cols = cols.join(',');
  if (typeof search.event === 'string' && search.event !== '') params.event = search.event;
  return params;
}

const maxColumns = 12;

export function splitColumns(cols: unknown): string[] {
  if (typeof cols !== 'string') return [];
  return [...new Set(cols.split(',').map((name) => name.trim()))].filter((name) => name !== '').slice(0, maxColumns);
}

export function toggleColumn(cols: string | undefined, name: string): string | undefined {
  const list = splitColumns(cols);
  const next = list.includes(name) ? list.filter((c) => c !== name) : [...list, name];
  return next.length > 0 ? next.join(',') : undefined;
}
