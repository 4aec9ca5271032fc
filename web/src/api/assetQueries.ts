// The inventory, hosts nobody declared, and what ends.
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Asset = Schemas['Asset'];
/** What people write of an asset. */
export type AssetFacts = Omit<Asset, '$schema' | 'id' | 'systemCode' | 'systemName' | 'unit' | 'unitName' | 'updatedAt' | 'updatedBy' | 'mayManage' | 'version'>;
export type UndeclaredHost = Schemas['UndeclaredHost'];
export type Ending = Schemas['Ending'];

const key = 'assets';
const at = (id: string) => `/assets/${encodeURIComponent(id)}`;

export const assetPagesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: [key, 'pages', filter],
    queryFn: ({ signal, pageParam }) => call<Schemas['AssetList']>('/assets', { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });

export const undeclaredQuery = (filter: Query) =>
  queryOptions({ queryKey: [key, 'undeclared', filter], queryFn: ({ signal }) => call<{ items: UndeclaredHost[] }>('/undeclared-hosts', { query: filter, signal }) });

export const endingsQuery = (filter: Query) =>
  queryOptions({ queryKey: [key, 'endings', filter], queryFn: ({ signal }) => call<{ items: Ending[] }>('/asset-endings', { query: filter, signal }) });

/** Reads everything again: an asset that is declared is undeclared no more. */
export const assetsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: [key] });

export const addAsset = (facts: AssetFacts, unit: string) => call<Asset>('/assets', { method: 'POST', body: { ...facts, unit } });
export const changeAsset = (id: string, facts: AssetFacts, version: number) => call<Asset>(at(id), { method: 'PUT', body: { ...facts, version } });
export const removeAsset = (id: string) => call(at(id), { method: 'DELETE' });
export const ignoreHost = (unit: string, host: string, reason: string) => call('/undeclared-hosts/ignored', { method: 'POST', body: { unit, host, reason } });
export const heedHost = (unit: string, host: string) => call('/undeclared-hosts/ignored', { method: 'DELETE', query: { unit, host } });
