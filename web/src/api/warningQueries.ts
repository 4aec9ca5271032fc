// Early warnings as their pages read and change them.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Warning = Schemas['Warning'];
export type WarningDetail = Schemas['WarningDetail'];
export type WarningFacts = Schemas['WarningFacts'];
export type WarningTemplate = Schemas['WarningTemplate'];
export type WarningCopy = Schemas['WarningCopy'];
export type WarningCopyDetail = Schemas['WarningCopyDetail'];
export type WarningStep = Schemas['WarningStep'];
export type Pace = Schemas['WarningPace'];
export type UnitPace = Schemas['WarningUnitPace'];
export type Audience = Omit<Schemas['WarningAudienceRequest'], '$schema'>;
export type Member = Schemas['AudienceMember'];

interface Page<T> {
  items: T[];
  next: string;
}

const path = (id: string) => `/warnings/${encodeURIComponent(id)}`;
const copyPath = (id: string, unit: string) => `${path(id)}/copies/${encodeURIComponent(unit)}`;

const pages = <T>(name: string, at: string, filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['warnings', name, filter],
    queryFn: ({ signal, pageParam }) => call<Page<T>>(at, { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (previous) => previous,
    refetchInterval: 60_000,
  });

export const warningsQuery = (filter: Query) => pages<Warning>('all', '/warnings', filter);
export const ownWarningsQuery = (filter: Query) => pages<WarningCopy>('mine', '/warnings/mine', filter);

export const warningQuery = (id: string) =>
  queryOptions({ queryKey: ['warnings', 'one', id], queryFn: ({ signal }) => call<WarningDetail>(path(id), { signal }) });

export const templatesQuery = queryOptions({
  queryKey: ['warning templates'],
  queryFn: ({ signal }) => call<{ items: WarningTemplate[] }>('/warnings/templates', { signal }),
  staleTime: Infinity,
});

const busyMs = 1_000;

export const audienceQuery = (id: string) =>
  queryOptions({
    queryKey: ['warnings', 'audience', id],
    queryFn: ({ signal }) => call<Audience>(`${path(id)}/audience`, { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'waiting' || query.state.data?.state === 'running' ? busyMs : false),
  });

export const copiesQuery = (id: string) =>
  queryOptions({ queryKey: ['warnings', 'copies', id], queryFn: ({ signal }) => call<Page<WarningCopy>>(`${path(id)}/copies`, { signal }), refetchInterval: 60_000 });

export const copyQuery = (id: string, unit: string) =>
  queryOptions({ queryKey: ['warnings', 'copy', id, unit], queryFn: ({ signal }) => call<WarningCopyDetail>(copyPath(id, unit), { signal }) });

export interface WarningFigures {
  all: Pace;
  units: UnitPace[];
  capped: boolean;
}

export const warningFiguresQuery = (days: number, drill: boolean) =>
  queryOptions({
    queryKey: ['warnings', 'figures', days, drill],
    queryFn: ({ signal }) => {
      const to = Date.now() + 60_000;
      const query = { from: new Date(to - days * 86_400_000).toISOString(), to: new Date(to).toISOString(), drill };
      return call<WarningFigures>('/warnings/figures', { query, signal });
    },
  });

export const createWarning = (facts: WarningFacts, drill: boolean) => call<WarningDetail>('/warnings', { method: 'POST', body: { facts, drill } });
export const changeWarning = (id: string, version: number, facts: WarningFacts) => call<WarningDetail>(path(id), { method: 'PUT', body: { version, facts } });
export const stepWarning = (id: string, verb: 'submit' | 'publish', version: number) =>
  call<WarningDetail>(`${path(id)}/${verb}`, { method: 'POST', body: { version } });
export const endWarning = (id: string, verb: 'return' | 'withdraw', version: number, reason: string) =>
  call<WarningDetail>(`${path(id)}/${verb}`, { method: 'POST', body: { version, reason } });
export const extendWarning = (id: string, version: number, units: string[], reason: string) =>
  call<WarningDetail>(`${path(id)}/units`, { method: 'POST', body: { version, units, reason } });
export const computeAudience = (id: string, version: number) => call<Audience>(`${path(id)}/audience`, { method: 'POST', body: { version } });
export const adjustAudience = (id: string, version: number, change: { add?: string[]; remove?: string[]; reason: string }) =>
  call<Audience>(`${path(id)}/audience`, { method: 'PATCH', body: { version, ...change } });

export const copyVerb = (id: string, unit: string, verb: string, body?: unknown) =>
  call<WarningCopyDetail>(`${copyPath(id, unit)}/${verb}`, { method: 'POST', ...(body !== undefined && { body }) });
export const addProof = (id: string, unit: string, file: File) =>
  call(`${copyPath(id, unit)}/files`, { method: 'POST', query: { name: file.name }, body: new Blob([file], { type: 'application/octet-stream' }) });
export const proofAddress = (id: string, unit: string, file: string) => `/api/v1${copyPath(id, unit)}/files/${encodeURIComponent(file)}`;

/** Reads warnings again after a change, wherever they are shown. */
export const warningsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: ['warnings'] });
