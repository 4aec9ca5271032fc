// A saved search and the address of the search page, each made from the other.
import type { Saved } from '../api/types';
import { readColumns } from './columns';
import { readSearchParams, savedParams, type SearchParams } from './searchParams';
import { defaultRange } from './time';

/** What the server keeps of a search; the view is the page's own. */
export type SavedContent = Pick<Saved, 'query' | 'range' | 'columns' | 'view'>;

export function contentOf(params: SearchParams): SavedContent {
  const { q, from, to, cols, ...view } = savedParams(params);
  return {
    query: q ?? '',
    range: { from: from ?? defaultRange.from, to: to ?? defaultRange.to },
    columns: (readColumns(cols) ?? []).map((column) => column.name),
    view: { ...view, ...(cols !== undefined && { cols }) },
  };
}

export function paramsOf(saved: Pick<Saved, 'id' | 'query' | 'range' | 'view'>): SearchParams {
  const { view, range, query, id } = saved;
  return { ...readSearchParams({ ...view, q: query, from: range.from, to: range.to }), saved: id };
}

/** True while the page shows what was saved. */
export function isUnchanged(params: SearchParams, saved: Saved): boolean {
  const current = savedParams(params);
  const kept = savedParams(paramsOf(saved));
  const names = new Set([...Object.keys(current), ...Object.keys(kept)] as (keyof SearchParams)[]);
  return [...names].every((name) => (current[name] ?? '') === (kept[name] ?? ''));
}

/** An address that names a saved search and nothing else asks for that search. */
export function isBare(params: SearchParams): boolean {
  return params.saved !== undefined && Object.keys(params).every((name) => name === 'saved' || name === 'cols');
}
