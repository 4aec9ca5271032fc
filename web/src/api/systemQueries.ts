// The register of information systems.
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type SystemLine = Schemas['SystemLine'];
export type System = Schemas['System'];
export type SystemFacts = Omit<Schemas['Facts'], '$schema'>;
export type SystemChange = Schemas['SystemChange'];
export type RegisterImport = Schemas['RegisterImport'];
export type SystemState = SystemLine['state'];

const key = 'systems';
const at = (id: string, rest = '') => `/systems/${encodeURIComponent(id)}${rest}`;

export const systemPagesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: [key, 'pages', filter],
    queryFn: ({ signal, pageParam }) => call<Schemas['SystemList']>('/systems', { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });

/** Systems to choose from. */
export const systemChoicesQuery = queryOptions({ queryKey: [key, 'choices'], queryFn: ({ signal }) => call<Schemas['SystemList']>('/systems', { query: { limit: 500 }, signal }) });
export const systemsOfQuery = (unit: string) =>
  queryOptions({ queryKey: [key, 'of', unit], queryFn: ({ signal }) => call<Schemas['SystemList']>('/systems', { query: { unit, limit: 500 }, signal }) });

/** Systems of a unit and those below it to choose from, found by their name. */
export const systemPickQuery = (unit: string, q: string) =>
  queryOptions({
    queryKey: [key, 'pick', unit, q],
    queryFn: ({ signal }) => call<Schemas['SystemList']>('/systems', { query: { unit, q, limit: 30 }, signal }),
    placeholderData: keepPreviousData,
  });

export const systemQuery = (id: string) => queryOptions({ queryKey: [key, 'one', id], queryFn: ({ signal }) => call<System>(at(id), { signal }) });

export const systemChangesQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'one', id, 'changes'], queryFn: ({ signal }) => call<{ items: SystemChange[] }>(at(id, '/changes'), { signal }) });

/** Reads everything again: a change of one system shows in lists and in its history. */
export const systemsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: [key] });

export const addSystem = (facts: SystemFacts) => call<System>('/systems', { method: 'POST', body: facts });
export const changeSystem = (id: string, facts: SystemFacts, version: number) => call<System>(at(id), { method: 'PUT', body: { ...facts, version } });
export const stepSystem = (id: string, state: SystemState, note: string, version: number) =>
  call<System>(at(id, '/state'), { method: 'POST', body: { state, note, version } });

/** Checks a workbook of systems and assets; with what the check answered, stores it. */
export const importRegister = (file: Blob, checked?: { sha256: string; plan: string; skip: boolean }) =>
  call<RegisterImport>('/system-sheets/import', { method: 'POST', body: file, query: checked ? { commit: true, ...checked } : {} });
