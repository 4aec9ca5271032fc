// The search page's whole state as its address keeps it.
import { defaultRange, isPoint } from './time';

export interface SearchParams {
  q?: string;
  from?: string;
  to?: string;
  order?: 'asc';
  view?: 'json';
  /** Columns and their widths, see lib/columns. */
  cols?: string;
  /** The event whose detail is open. */
  event?: string;
  /** The column a table is sorted by; "-count" is largest first. */
  sort?: string;
  /** A table without its picture. */
  chart?: 'off';
  /** New events are being watched. */
  tail?: 'on';
  /** The saved search this one began with. */
  saved?: string;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export function readSearchParams(search: Record<string, unknown>): SearchParams {
  const params: SearchParams = {};
  const put = <K extends keyof SearchParams>(name: K, value: SearchParams[K] | undefined) => {
    if (value !== undefined) params[name] = value;
  };
  put('q', text(search.q));
  if (isPoint(search.from) && search.from !== defaultRange.from) params.from = search.from;
  if (isPoint(search.to) && search.to !== defaultRange.to) params.to = search.to;
  if (search.order === 'asc') params.order = 'asc';
  if (search.view === 'json') params.view = 'json';
  put('cols', text(search.cols));
  put('event', text(search.event));
  put('sort', text(search.sort));
  if (search.chart === 'off') params.chart = 'off';
  if (search.tail === 'on') params.tail = 'on';
  put('saved', text(search.saved));
  return params;
}

/** What a saved search keeps: the search, not what was open in it. */
export function savedParams(params: SearchParams): SearchParams {
  const kept = { ...params };
  delete kept.event;
  delete kept.saved;
  delete kept.tail;
  return kept;
}
