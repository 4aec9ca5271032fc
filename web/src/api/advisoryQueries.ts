// Advisories, vulnerabilities and declared software as their pages read them.
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Advisory = Schemas['Advisory'];
export type AdvisoryDetail = Schemas['AdvisoryDetail'];
export type Vulnerability = Schemas['Vulnerability'];
export type VulnerabilityDetail = Schemas['VulnerabilityDetail'];
export type AdvisoryProduct = Schemas['AdvisoryProduct'];
export type AdvisoryImport = Schemas['AdvisoryImport'];
export type AdvisorySource = Schemas['AdvisorySource'];
export type Software = Schemas['Software'];
export type SoftwareMatch = Schemas['SoftwareMatch'];
export type SoftwareImport = Schemas['SoftwareImport'];

const key = 'advisories';

export const advisoryPagesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: [key, 'pages', filter],
    queryFn: ({ signal, pageParam }) => call<Schemas['Advisories']>('/advisories', { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });

export const vulnerabilityPagesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: [key, 'vulnerabilities', filter],
    queryFn: ({ signal, pageParam }) => call<Schemas['Vulnerabilities']>('/vulnerabilities', { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });

export const advisoryQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'one', id], queryFn: ({ signal }) => call<AdvisoryDetail>(`/advisories/${encodeURIComponent(id)}`, { signal }) });

export const vulnerabilityQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'vulnerability', id], queryFn: ({ signal }) => call<VulnerabilityDetail>(`/vulnerabilities/${encodeURIComponent(id)}`, { signal }) });

export const matchesQuery = (filter: Query) =>
  queryOptions({
    queryKey: [key, 'matches', filter],
    queryFn: ({ signal }) => call<Schemas['SoftwareMatches']>('/software/matches', { query: { limit: 200, ...filter }, signal }),
  });

export const softwareQuery = (filter: Query) =>
  queryOptions({
    queryKey: [key, 'software', filter],
    queryFn: ({ signal }) => call<Schemas['SoftwareList']>('/software', { query: filter, signal }),
    placeholderData: keepPreviousData,
  });

export const advisorySourcesQuery = queryOptions({
  queryKey: [key, 'sources'],
  queryFn: ({ signal }) => call<{ items: AdvisorySource[] }>('/advisory-sources', { signal }),
  refetchInterval: 30_000,
});

/** Reads everything again: an import or a line changes who is concerned everywhere. */
export const advisoriesChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: [key] });

export const importAdvisory = (file: File) => call<AdvisoryImport>('/advisories/import', { method: 'POST', body: file, query: { name: file.name.slice(-200) } });
export const deleteAdvisory = (id: string) => call(`/advisories/${encodeURIComponent(id)}`, { method: 'DELETE' });

export type SourceBody = Omit<Schemas['AdvisorySourceFields'], '$schema'>;
const source = (id: string) => `/advisory-sources/${encodeURIComponent(id)}`;
export const saveSource = (body: SourceBody, old?: AdvisorySource) =>
  old
    ? call<AdvisorySource>(source(old.id), { method: 'PUT', body: { ...body, version: old.version } })
    : call<AdvisorySource>('/advisory-sources', { method: 'POST', body });
export const removeSource = (id: string) => call(source(id), { method: 'DELETE' });
export const fetchSource = (id: string) => call<AdvisorySource>(`${source(id)}/fetch`, { method: 'POST' });

export interface SoftwareBody {
  vendor: string;
  product: string;
  release: string;
  cpe: string;
  place: string;
  count: number;
  note: string;
}
const line = (id: string) => `/software/${encodeURIComponent(id)}`;
export const saveSoftware = (body: SoftwareBody, unit: string, old?: Software) =>
  old
    ? call<Software>(line(old.id), { method: 'PUT', body: { ...body, version: old.version } })
    : call<Software>('/software', { method: 'POST', body: { ...body, unit } });
export const removeSoftware = (id: string) => call(line(id), { method: 'DELETE' });

/** Checks a sheet, or stores it. */
export const importSoftware = (file: Blob, dry: boolean) => call<SoftwareImport>('/software/import', { method: 'POST', body: file, query: { dry } });
