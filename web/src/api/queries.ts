// Every read the pages share, as TanStack Query options; one place for keys so
// that live updates can find what they change.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { resolveRange } from '../lib/time';
import { ApiError, call, type Query } from './client';
import type {
  Account,
  AlertDetail,
  AlertEvents,
  AlertList,
  LogEvent,
  Overview,
  Person,
  RuleDetail,
  RuleList,
  Session,
  Source,
  Token,
  Unit,
  Unparsed,
} from './types';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await call<Session>('/session', { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

/** The last span of time, such as "24h", as of each request. */
const last = (span: string) => resolveRange({ from: `now-${span}`, to: 'now' }, Date.now());

export const overviewQuery = (span: string) =>
  queryOptions({
    queryKey: ['overview', span],
    queryFn: ({ signal }) => call<Overview>('/overview', { query: last(span), signal }),
    refetchInterval: 15_000,
    placeholderData: (previous) => previous,
  });

export const sourcesQuery = (filter: { unit?: string; q?: string } = {}) =>
  queryOptions({
    queryKey: ['sources', filter],
    queryFn: ({ signal }) => call<{ items: Source[] }>('/sources', { query: filter, signal }),
    refetchInterval: 30_000,
  });

export const unparsedQuery = (span: string) =>
  queryOptions({
    queryKey: ['unparsed', span],
    queryFn: ({ signal }) => call<{ items: Unparsed[] }>('/unparsed', { query: last(span), signal }),
  });

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['event', id],
    queryFn: ({ signal }) => call<LogEvent>(`/events/${encodeURIComponent(id)}`, { signal }),
    staleTime: Infinity,
  });

export const alertsQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter],
    queryFn: ({ pageParam, signal }) =>
      call<AlertList>('/alerts', { query: { ...filter, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor || undefined,
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => call<AlertDetail>(`/alerts/${encodeURIComponent(id)}`, { signal }),
  });

export const alertEventsShown = 50;

export const alertEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id, 'events'],
    queryFn: ({ signal }) =>
      call<AlertEvents>(`/alerts/${encodeURIComponent(id)}/events`, { query: { limit: alertEventsShown }, signal }),
  });

export const rulesQuery = (filter: { q?: string; level?: string; product?: string; state?: string; tag?: string; sort?: string }) =>
  infiniteQueryOptions({
    queryKey: ['rules', filter],
    queryFn: ({ pageParam, signal }) =>
      call<RuleList>('/rules', { query: { ...filter, limit: 200, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor || undefined,
    placeholderData: (previous) => previous,
  });

export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ['rule', id],
    queryFn: ({ signal }) => call<RuleDetail>(`/rules/${encodeURIComponent(id)}`, { signal }),
  });

export const unitsQuery = queryOptions({
  queryKey: ['units'],
  queryFn: ({ signal }) => call<{ items: Unit[] }>('/units', { signal }),
  staleTime: 5 * 60_000,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => call<{ items: Token[] }>('/tokens', { signal }),
});

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => call<{ items: Person[] }>('/people', { signal }),
  staleTime: 5 * 60_000,
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call<{ items: Account[] }>('/users', { signal }),
});
