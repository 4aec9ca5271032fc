// What the law obliges to by when, as its pages read and change it.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Obligation = Schemas['Obligation'];
export type ObligationDetail = Schemas['ObligationDetail'];
export type ObligationList = Schemas['ObligationList'];
export type ObligationStep = Schemas['ObligationStep'];
export type ObligationWall = Schemas['ObligationWall'];
export type ProofOfSending = Schemas['ProofOfSending'];
export type Duty = Schemas['Duty'];
export type DutyList = Schemas['DutyList'];
export type HolidayYear = Schemas['Holidays'];

/** What a person records; retime is the clock's own. */
export type Verb = Exclude<ObligationStep['verb'], 'retime'>;
export const channels = ['official-mail', 'document-system', 'portal', 'courier', 'fax', 'phone', 'other'] as const;

export const obligationsQuery = (filter: Query) =>
  queryOptions({ queryKey: ['obligations', 'list', filter], queryFn: ({ signal }) => call<ObligationList>('/obligations', { query: filter, signal }) });

export const obligationPagesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['obligations', 'pages', filter],
    queryFn: ({ signal, pageParam }) => call<ObligationList>('/obligations', { query: { ...filter, after: pageParam, limit: 100 }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (previous) => previous,
    refetchInterval: 60_000,
  });

export const obligationQuery = (id: string) =>
  queryOptions({ queryKey: ['obligations', 'one', id], queryFn: ({ signal }) => call<ObligationDetail>(`/obligations/${encodeURIComponent(id)}`, { signal }) });

export const wallQuery = (drill: boolean) =>
  queryOptions({ queryKey: ['obligations', 'wall', drill], queryFn: ({ signal }) => call<ObligationWall>('/obligations/wall', { query: { drill }, signal }), refetchInterval: 60_000 });

export const dutiesQuery = queryOptions({ queryKey: ['duties'], queryFn: ({ signal }) => call<DutyList>('/duties', { signal }) });

export const holidaysQuery = queryOptions({ queryKey: ['holidays'], queryFn: ({ signal }) => call<{ years: HolidayYear[] }>('/holidays', { signal }) });

export interface StepBody {
  verb: Verb;
  version: number;
  at?: string | undefined;
  note?: string;
  proof?: ProofOfSending;
}

export const takeStep = (id: string, body: StepBody) =>
  call<ObligationDetail>(`/obligations/${encodeURIComponent(id)}/steps`, { method: 'POST', body });

/** Reads obligations again after a change, wherever they are shown. */
export const obligationsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: ['obligations'] });

export type DutyBody = Omit<Duty, 'own' | 'changed'>;
export const saveDuty = (duty: DutyBody) => call<Duty>(`/duties/${encodeURIComponent(duty.id)}`, { method: 'PUT', body: duty });
export const restoreDuty = (id: string, version: number) => call(`/duties/${encodeURIComponent(id)}`, { method: 'DELETE', query: { version } });

export type HolidayBody = Pick<HolidayYear, 'verified' | 'note' | 'off' | 'swap' | 'version'>;
export const saveHolidays = (year: number, body: HolidayBody) => call(`/holidays/${String(year)}`, { method: 'PUT', body });
