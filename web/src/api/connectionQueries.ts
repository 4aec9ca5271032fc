// How systems are connected, and whether each connection works.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Connection = Schemas['Connection'];
export type ConnectionFacts = Omit<Schemas['ConnectionFacts'], '$schema'>;
export type ConnectionOutage = Schemas['ConnectionOutage'];

const key = 'connections';
const at = (id: string, rest = '') => `/connections/${encodeURIComponent(id)}${rest}`;

export const connectionPagesQuery = (filter: { system: string }) =>
  infiniteQueryOptions({
    queryKey: [key, 'pages', filter],
    queryFn: ({ signal, pageParam }) => call<Schemas['ConnectionList']>('/connections', { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 30_000,
  });

export const connectionQuery = (id: string) => queryOptions({ queryKey: [key, 'one', id], queryFn: ({ signal }) => call<Connection>(at(id), { signal }), refetchInterval: 30_000 });

export const connectionOutagesQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'one', id, 'outages'], queryFn: ({ signal }) => call<{ items: ConnectionOutage[] }>(at(id, '/outages'), { signal }) });

export const connectionsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: [key] });

export const addConnection = (system: string, facts: ConnectionFacts) => call<Connection>('/connections', { method: 'POST', body: { ...facts, system } });
export const changeConnection = (id: string, facts: ConnectionFacts, version: number) => call<Connection>(at(id), { method: 'PUT', body: { ...facts, version } });
export const removeConnection = (id: string) => call(at(id), { method: 'DELETE' });
export const checkConnection = (id: string) => call<Connection>(at(id, '/check'), { method: 'POST' });
