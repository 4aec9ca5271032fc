import { queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** Times that may be missing are null on the wire. */
type Times<T> = Omit<T, 'since' | 'silentAt'> & { since: string | null; silentAt: string | null };

export type SourceHealth = Times<Schemas['SourceHealth']>;
export type SourceDetail = Times<Schemas['SourceDetail']>;
export type SourceState = SourceHealth['status'];
export type Relay = Schemas['Relay'];

interface SourcePage {
  items: SourceHealth[];
  total: number;
  byStatus: Record<SourceState, number>;
}

export interface SourcesHealth {
  byStatus: Record<SourceState, number>;
  outages: { from: string; to: string }[];
  disks: { path: string; freeBytes: number; bytesPerDay: number; known: boolean; fullOn: string | null }[];
  certificates: { name: string; kind: string; unit: string; expires: string; days: number; renews: boolean }[];
}

const refreshMs = 15_000;
export const onePage = 500;
const one = (id: string) => `/sources/${encodeURIComponent(id)}`;

export const sourceListQuery = (filter: { q?: string | undefined; status?: string | undefined; unit?: string | undefined; system?: string | undefined }) =>
  queryOptions({
    queryKey: ['sources', 'list', filter],
    queryFn: ({ signal }) => call<SourcePage>('/sources', { query: { ...filter, limit: onePage }, signal }),
    placeholderData: (before) => before,
    refetchInterval: refreshMs,
  });

export const sourceQuery = (id: string) =>
  queryOptions({ queryKey: ['sources', 'one', id], queryFn: ({ signal }) => call<SourceDetail>(one(id), { signal }), refetchInterval: refreshMs });

export const sourcesHealthQuery = queryOptions({
  queryKey: ['sources', 'health'],
  queryFn: ({ signal }) => call<SourcesHealth>('/sources/health', { signal }),
  refetchInterval: refreshMs,
});

export const relaysQuery = queryOptions({
  queryKey: ['relays'],
  queryFn: ({ signal }) => call<{ items: Relay[] }>('/relays', { signal }),
  refetchInterval: refreshMs,
});

export const muteSource = (id: string, body: { until: string; reason: string; silence: boolean }) =>
  call<SourceDetail>(`${one(id)}/mute`, { method: 'POST', body });
export const unmuteSource = (id: string) => call<SourceDetail>(`${one(id)}/mute`, { method: 'DELETE' });
export const setSilence = (id: string, body: { silentAfterSeconds: number; fixed: boolean }) =>
  call<SourceDetail>(`${one(id)}/silence`, { method: 'PUT', body });
export const forgetSource = (id: string) => call(one(id), { method: 'DELETE' });
