// Units as their page reads and changes them.
import { type QueryClient, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import { unitsQuery } from './queries';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type UnitDetail = Schemas['UnitDetail'];
export type UnitContacts = Schemas['UnitContacts'];
export type UnitPerson = Schemas['PersonInOffice'];
export type UnitType = Schemas['UnitType'];
export type UnitHappening = Schemas['UnitHappening'];
export type UnitImport = Schemas['UnitImport'];
export type Province = Schemas['Province'];
export type UnitProposal = Schemas['UnitProposal'];
export type Reorganised = Schemas['Reorganised'];
export type ReorganiseRequest = Omit<Schemas['ReorganiseRequest'], '$schema'>;

const path = (id: string) => `/units/${encodeURIComponent(id)}`;

export const unitQuery = (id: string) =>
  queryOptions({ queryKey: ['unit', id], queryFn: ({ signal }) => call<UnitDetail>(path(id), { signal }) });

export const unitHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['unit', id, 'history'],
    queryFn: ({ signal }) => call<{ items: UnitHappening[] }>(`${path(id)}/history`, { signal }),
  });

export const unitTypesQuery = queryOptions({
  queryKey: ['unit types'],
  queryFn: ({ signal }) => call<{ items: UnitType[] }>('/unit-types', { signal }),
  staleTime: Infinity,
});

export const provincesQuery = queryOptions({
  queryKey: ['provinces'],
  queryFn: ({ signal }) => call<{ items: Province[] }>('/unit-templates', { signal }),
  staleTime: Infinity,
});

export const proposalsQuery = (code: string) =>
  queryOptions({
    queryKey: ['unit proposals', code],
    queryFn: ({ signal }) => call<{ items: UnitProposal[] }>(`/unit-templates/${encodeURIComponent(code)}`, { signal }),
  });

/** Reads units again after a change, wherever they are shown. */
export async function unitsChanged(client: QueryClient) {
  await Promise.all([
    client.invalidateQueries({ queryKey: unitsQuery.queryKey }),
    client.invalidateQueries({ queryKey: ['unit'] }),
    client.invalidateQueries({ queryKey: ['unit proposals'] }),
  ]);
}

export const createUnit = (body: Record<string, unknown>) => call('/units', { method: 'POST', body });
export const updateUnit = (id: string, body: Record<string, unknown>) => call<UnitDetail>(path(id), { method: 'PATCH', body });
export const setContacts = (id: string, body: { version: number; address: string; contacts: UnitContacts }) =>
  call<UnitDetail>(`${path(id)}/contacts`, { method: 'PUT', body });
export const moveUnit = (id: string, parent: string, version: number) =>
  call<UnitDetail>(`${path(id)}/move`, { method: 'POST', body: { parent, version } });
export const reorganise = (body: ReorganiseRequest) => call<Reorganised>('/unit-reorganisations', { method: 'POST', body });
export const undoReorganisation = (id: string) => call(`/unit-reorganisations/${encodeURIComponent(id)}/undo`, { method: 'POST' });
export const plantUnits = (code: string, units: { id: string; name: string }[]) =>
  call<{ items: unknown[] }>(`/unit-templates/${encodeURIComponent(code)}`, { method: 'POST', body: { units } });

/** Checks a workbook; with what the check answered, stores it. */
export const importUnits = (file: Blob, checked?: { sha256: string; tree: number }) =>
  call<UnitImport>('/unit-sheets/units', { method: 'POST', body: file, query: checked ? { commit: true, ...checked } : {} });
