// The reads of the search page, as TanStack Query options. A run is one press of
// "search": what it found stays as it was until the next.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type {
  Export,
  FieldNames,
  FieldsResult,
  FieldValues,
  Histogram,
  HistoryEntry,
  LogEvent,
  Saved,
  SearchRequest,
  SearchResult,
  Table,
  Validation,
} from './types';

export interface Bounds {
  from: string;
  to: string;
}

export interface Asked extends Bounds {
  query: string;
}

/** One press of "search". */
export interface Run {
  n: number;
  /** What goes on the asker's history; missing where nobody pressed anything. */
  remember?: { range: { from: string; to: string } };
}

const remembered = (run: Run) => (run.remember ? { remember: true, range: run.remember.range } : {});

export const searchQuery = (request: Omit<SearchRequest, 'cursor'>, run: Run) =>
  infiniteQueryOptions({
    queryKey: ['search', request, run.n],
    queryFn: ({ pageParam, signal }) =>
      call<SearchResult>('/search', {
        method: 'POST',
        body: pageParam ? { ...request, cursor: pageParam } : { ...request, ...remembered(run) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor || undefined,
    staleTime: Infinity,
    // The same question about a later time: its old answer is shown until the new one is there.
    placeholderData: (previous, before) => {
      const asked = before?.queryKey[1];
      return typeof asked === 'object' && asked.query === request.query ? previous : undefined;
    },
  });

/** One for every few pixels of a wide screen. */
export const histogramBuckets = 120;

/** With the bounds it was made for: while the next one loads, this one is still shown. */
export type BoundedHistogram = Histogram & { fromMs: number; toMs: number };

export const histogramQuery = (request: Asked & { buckets: number }, run: Run) =>
  queryOptions({
    queryKey: ['histogram', request, run.n],
    queryFn: async ({ signal }): Promise<BoundedHistogram> => ({
      ...(await call<Histogram>('/search/histogram', { method: 'POST', body: { ...request, ...remembered(run) }, signal })),
      fromMs: Date.parse(request.from),
      toMs: Date.parse(request.to),
    }),
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  });

export const fieldsQuery = (request: Asked, run: Run) =>
  queryOptions({
    queryKey: ['fields', request, run.n],
    queryFn: ({ signal }) => call<FieldsResult>('/search/fields', { method: 'POST', body: request, signal }),
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  });

export const tableQuery = (request: Asked, run: Run) =>
  queryOptions({
    queryKey: ['table', request, run.n],
    queryFn: ({ signal }) => call<Table>('/search/table', { method: 'POST', body: { ...request, ...remembered(run) }, signal }),
    staleTime: Infinity,
  });

export const validateQuery = (query: string, bounds: Bounds) =>
  queryOptions({
    queryKey: ['validate', query, bounds],
    queryFn: ({ signal }) => call<Validation>('/search/validate', { method: 'POST', body: { query, ...bounds }, signal }),
    staleTime: Infinity,
    retry: false,
  });

export const fieldNamesQuery = (bounds: Bounds) =>
  queryOptions({
    queryKey: ['field-names', bounds],
    queryFn: ({ signal }) => call<FieldNames>('/search/field-names', { method: 'POST', body: bounds, signal }),
    staleTime: 60_000,
    retry: false,
    placeholderData: (previous) => previous,
  });

export const fieldValuesQuery = (bounds: Bounds, field: string, prefix: string) =>
  queryOptions({
    queryKey: ['field-values', bounds, field, prefix],
    queryFn: ({ signal }) =>
      call<FieldValues>('/search/field-values', { method: 'POST', body: { ...bounds, field, prefix, limit: 12 }, signal }),
    staleTime: 60_000,
    retry: false,
  });

export const aroundQuery = (id: string, minutes: number) =>
  queryOptions({
    queryKey: ['around', id, minutes],
    queryFn: ({ signal }) =>
      call<{ events: LogEvent[] }>(`/events/${encodeURIComponent(id)}/around`, {
        query: { minutes, limit: 500 },
        signal,
      }),
    staleTime: Infinity,
  });

const reachMs = 10 * 365 * 86_400_000;

/** The newest event that matches before a range in which none does, else the first after it. */
export const nearestQuery = ({ query, from, to }: Asked) =>
  queryOptions({
    queryKey: ['nearest', query, from, to],
    queryFn: async ({ signal }) => {
      const ask = (body: object) => call<SearchResult>('/search', { method: 'POST', body: { query, limit: 1, ...body }, signal });
      const before = await ask({ from: new Date(Date.parse(from) - reachMs).toISOString(), to: from, order: 'desc' });
      if (before.events.length > 0) return before;
      return ask({ from: to, to: new Date(Date.parse(to) + reachMs).toISOString(), order: 'asc' });
    },
    staleTime: Infinity,
    retry: false,
  });

export const historyQuery = queryOptions({
  queryKey: ['search-history'],
  queryFn: ({ signal }) => call<{ items: HistoryEntry[] }>('/search/history', { signal }),
  staleTime: 30_000,
});

export const savedListQuery = queryOptions({
  queryKey: ['saved'],
  queryFn: ({ signal }) => call<{ items: Saved[] }>('/search/saved', { signal }),
  staleTime: 30_000,
});

export const savedQuery = (id: string) =>
  queryOptions({
    queryKey: ['saved', id],
    queryFn: ({ signal }) => call<Saved>(`/search/saved/${encodeURIComponent(id)}`, { signal }),
    staleTime: 30_000,
    retry: false,
  });

export const isUnderWay = ({ state }: Export) => state === 'queued' || state === 'counting' || state === 'running';

/** The caller's exports; asked for every second while one is being written. */
export const exportsQuery = queryOptions({
  queryKey: ['exports'],
  queryFn: ({ signal }) => call<{ items: Export[] }>('/search/exports', { signal }),
  refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? 1_000 : false),
  staleTime: 5_000,
});
