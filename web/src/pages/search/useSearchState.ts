import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';

import type { Run } from '../../api/searchQueries';
import { type Column, defaultColumns, readColumns, rememberColumns, rememberedColumns, writeColumns } from '../../lib/columns';
import type { SearchParams } from '../../lib/searchParams';
import { defaultRange, resolveRange, type TimeRange } from '../../lib/time';

const route = getRouteApi('/search');

type Change = { [K in keyof SearchParams]?: SearchParams[K] | undefined };

/**
 * What is searched and how it is shown, all of it kept in the address: going
 * back undoes a step, and a copied link shows the same to somebody else.
 */
export function useSearchState() {
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const query = params.q ?? '';
  const range: TimeRange = useMemo(
    () => ({ from: params.from ?? defaultRange.from, to: params.to ?? defaultRange.to }),
    [params.from, params.to],
  );

  // A relative range is pinned when the search starts, so that the list, the
  // histogram and the fields speak of the same moments.
  const [pressed, setRun] = useState(() => ({ n: 0, nowMs: Date.now(), quiet: false }));
  const again = () => {
    setRun((r) => ({ n: r.n + 1, nowMs: Date.now(), quiet: false }));
  };
  /** The same search once more, not asked for by the reader. */
  const againQuietly = () => {
    setRun((r) => ({ n: r.n + 1, nowMs: Date.now(), quiet: true }));
  };
  const bounds = useMemo(() => resolveRange(range, pressed.nowMs), [range, pressed.nowMs]);
  const run: Run = { n: pressed.n, ...(!pressed.quiet && query !== '' && { remember: { range } }) };
  const valid = Date.parse(bounds.from) < Date.parse(bounds.to);

  const change = (next: Change, replace = false) => {
    void navigate({ search: (old) => ({ ...old, ...next }) as SearchParams, replace });
  };
  const search = (next: Change) => {
    again();
    change({ event: undefined, sort: undefined, ...next });
  };
  /** Another search altogether, such as a saved one. */
  const replaceAll = (next: SearchParams) => {
    again();
    void navigate({ search: next });
  };
  const submit = (q: string) => {
    if (q === query) again();
    else search({ q: q || undefined });
  };
  const setRange = (next: TimeRange) => {
    search({
      from: next.from === defaultRange.from ? undefined : next.from,
      to: next.to === defaultRange.to ? undefined : next.to,
    });
  };

  // The address always names the columns, so that a copied link does not
  // depend on what its reader used last.
  const columns = useMemo(() => readColumns(params.cols) ?? rememberedColumns() ?? [...defaultColumns], [params.cols]);
  const missing = params.cols === undefined;
  useEffect(() => {
    if (missing) void navigate({ search: (old) => ({ ...old, cols: writeColumns(columns) }), replace: true });
  }, [missing, columns, navigate]);
  const setColumns = (next: readonly Column[]) => {
    rememberColumns(next);
    change({ cols: writeColumns(next) }, true);
  };

  return { params, query, range, bounds, valid, run, again, againQuietly, change, submit, search, replaceAll, setRange, columns, setColumns };
}

export type SearchState = ReturnType<typeof useSearchState>;
