// What the pages of triage ask for.
import { queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];
export type AlertGroup = Schemas['AlertGroup'];
export type AlertGroups = Schemas['AlertGroups'];
export type Today = Schemas['Today'];
export type TodayThing = Schemas['TodayThing'];
export type SimilarAlerts = Schemas['SimilarAlerts'];
export type Guidance = Schemas['AlertGuidance'];
export type Exclusion = Schemas['Exclusion'];
export type ExclusionList = Schemas['ExclusionList'];
export type ExclusionDraft = Schemas['ExclusionDraft'];
export type ExclusionTrial = Schemas['ExclusionTrial'];
export type ExclusionState = Exclusion['state'];

export type AlertBatch = Schemas['AlertBatch'];
/** Which alerts a change is for: some, a group, or all that a filter finds. */
export type AlertSelection = Schemas['AlertSelection'];
export type AlertBatchChange = Omit<Schemas['ChangeSelectionRequest'], 'select' | 'asOf' | 'expect'>;
export type AlertReason = Schemas['CloseReason'];

const of = (id: string, what: string) => `/alerts/${encodeURIComponent(id)}/${what}`;

export const groupsQuery = (filter: Query) =>
  queryOptions({
    queryKey: ['alerts', 'groups', filter],
    queryFn: ({ signal }) => call<AlertGroups>('/alerts/groups', { query: filter, signal }),
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });

export const todayQuery = queryOptions({
  queryKey: ['alerts', 'today'],
  queryFn: ({ signal }) => call<Today>('/alerts/today', { signal }),
  staleTime: 10_000,
  refetchInterval: 60_000,
});

export const reasonsQuery = queryOptions({
  queryKey: ['alert reasons'],
  queryFn: ({ signal }) => call<{ items: AlertReason[] }>('/alert-reasons', { signal }),
  staleTime: 5 * 60_000,
});

export const similarQuery = (id: string) =>
  queryOptions({ queryKey: ['alert', id, 'similar'], queryFn: ({ signal }) => call<SimilarAlerts>(of(id, 'similar'), { signal }) });

export const guidanceQuery = (id: string) =>
  queryOptions({ queryKey: ['alert', id, 'guidance'], queryFn: ({ signal }) => call<Guidance>(of(id, 'guidance'), { signal }), staleTime: 60_000 });

export const draftQuery = (alertId: string) =>
  queryOptions({
    queryKey: ['exclusion-draft', alertId],
    queryFn: ({ signal }) => call<ExclusionDraft>('/exclusions/draft', { query: { alertId }, signal }),
    retry: false,
  });

export const exclusionsQuery = (filter: Query) =>
  queryOptions({
    queryKey: ['exclusions', filter],
    queryFn: ({ signal }) => call<ExclusionList>('/exclusions', { query: filter, signal }),
    placeholderData: (previous) => previous,
  });
