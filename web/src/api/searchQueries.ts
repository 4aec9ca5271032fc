// The reads of the search page, as TanStack Query options. A run is one press of
// "search": what it found stays as it was until the next.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type {
  FieldNames,
  FieldsResult,
  FieldValues,
  Histogram,
  LogEvent,
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

export const searchQuery = (request: Omit<SearchRequest, 'cursor'>, run: number) =>
  infiniteQueryOptions({
    queryKey: ['search', request, run],
    queryFn: ({ pageParam, signal }) =>
      call<SearchResult>('/search', {
        method: 'POST',
        body: pageParam ? { ...request, cursor: pageParam } : request,
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor || undefined,
    staleTime: Infinity,
  });

/** One for every few pixels of a wide screen. */
export const histogramBuckets = 120;

/** With the bounds it was made for: while the next one loads, this one is still shown. */
export type BoundedHistogram = Histogram & { fromMs: number; toMs: number };

export const histogramQuery = (request: Asked & { buckets: number }, run: number) =>
  queryOptions({
    queryKey: ['histogram', request, run],
    queryFn: async ({ signal }): Promise<BoundedHistogram> => ({
      ...(await call<Histogram>('/search/histogram', { method: 'POST', body: request, signal })),
      fromMs: Date.parse(request.from),
      toMs: Date.parse(request.to),
    }),
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  });

export const fieldsQuery = (request: Asked, run: number) =>
  queryOptions({
    queryKey: ['fields', request, run],
    queryFn: ({ signal }) => call<FieldsResult>('/search/fields', { method: 'POST', body: request, signal }),
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  });

export const tableQuery = (request: Asked, run: number) =>
  queryOptions({
    queryKey: ['table', request, run],
    queryFn: ({ signal }) => call<Table>('/search/table', { method: 'POST', body: request, signal }),
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
