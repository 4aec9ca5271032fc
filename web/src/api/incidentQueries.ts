// Incidents as their pages read and change them.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Incident = Schemas['Incident'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentTask = Schemas['IncidentTask'];
export type IncidentEntry = Schemas['IncidentEntry'];
export type IncidentObservable = Schemas['IncidentObservable'];
export type NewObservable = Schemas['NewObservable'];
export type IncidentAlert = Schemas['IncidentAlert'];
export type IncidentShare = Schemas['IncidentShare'];
export type IncidentSimilar = Schemas['IncidentSimilar'];
export type AffectedSystem = Schemas['AffectedSystem'];
export type Taxonomy = Schemas['Taxonomy'];
export type Playbook = Schemas['Playbook'];
export type OpenIncident = Omit<Schemas['OpenIncidentRequest'], '$schema'>;

const at = (id: string, rest = '') => `/incidents/${encodeURIComponent(id)}${rest}`;

interface Page {
  items: Incident[];
  next: string;
}

export const incidentsQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['incidents', filter],
    queryFn: ({ pageParam, signal }) => call<Page>('/incidents', { query: { ...filter, limit: 100, after: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    refetchInterval: 30_000,
    placeholderData: (previous) => previous,
  });

/** A few incidents for another page: those of a unit, of an alert, that nobody leads. */
export const someIncidentsQuery = (filter: Query) =>
  queryOptions({
    queryKey: ['incidents', 'some', filter],
    queryFn: ({ signal }) => call<Page>('/incidents', { query: { limit: 20, ...filter }, signal }),
    staleTime: 10_000,
  });

/** Which open incident alerts are to be added to. */
export const findIncidentsQuery = (filter: Query) =>
  queryOptions({
    queryKey: ['incidents', 'find', filter],
    queryFn: ({ signal }) => call<Page>('/incidents', { query: { limit: 30, ...filter }, signal }),
    placeholderData: (previous) => previous,
  });

export const incidentQuery = (id: string) =>
  queryOptions({ queryKey: ['incident', id], queryFn: ({ signal }) => call<IncidentDetail>(at(id), { signal }), refetchInterval: 30_000 });

const listOf = <T>(id: string, what: string, refetchInterval?: number) =>
  queryOptions({
    queryKey: ['incident', id, what],
    queryFn: ({ signal }) => call<{ items: T[] }>(at(id, `/${what}`), { signal }),
    ...(refetchInterval !== undefined && { refetchInterval }),
  });

export const incidentTasksQuery = (id: string) => listOf<IncidentTask>(id, 'tasks', 30_000);
export const incidentTimelineQuery = (id: string) => listOf<IncidentEntry>(id, 'timeline', 30_000);
export const incidentAlertsQuery = (id: string) => listOf<IncidentAlert>(id, 'alerts');
export const incidentSharesQuery = (id: string) => listOf<IncidentShare>(id, 'shares');
export const similarIncidentsQuery = (id: string) => listOf<IncidentSimilar>(id, 'similar');

export const incidentObservablesQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'observables'],
    queryFn: ({ signal }) => call<{ items: IncidentObservable[]; types: string[] }>(at(id, '/observables'), { signal }),
  });

export const catalogueQuery = queryOptions({
  queryKey: ['incident catalogue'],
  queryFn: ({ signal }) => call<{ schemes: Taxonomy[]; playbooks: Playbook[] }>('/incidents/catalogue', { signal }),
  staleTime: 5 * 60_000,
});

/** Reads an incident again after a change, wherever it is shown. */
export async function incidentChanged(client: QueryClient) {
  await Promise.all(['incident', 'incidents', 'obligations', 'alerts', 'alert'].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

export const openIncident = (body: OpenIncident) => call<IncidentDetail>('/incidents', { method: 'POST', body });
export const readIncident = (id: string) => call<IncidentDetail>(at(id));
export const changeIncident = (id: string, version: number, facts: Record<string, unknown>) =>
  call<IncidentDetail>(at(id), { method: 'PATCH', body: { version, facts } });
export const moveIncident = (id: string, version: number, phase: string) => call<IncidentDetail>(at(id, '/phase'), { method: 'POST', body: { phase, version } });
export const mergeIncident = (id: string, into: string) => call<IncidentDetail>(at(id, '/merge'), { method: 'POST', body: { into } });
export const addAlerts = (id: string, alerts: string[]) => call<IncidentDetail>(at(id, '/alerts'), { method: 'POST', body: { alerts } });
export const splitIncident = (id: string, alerts: string[], title: string) => call<IncidentDetail>(at(id, '/split'), { method: 'POST', body: { alerts, title } });
export const addTask = (id: string, body: Omit<Schemas['AddIncidentTaskRequest'], '$schema'>) => call<IncidentTask>(at(id, '/tasks'), { method: 'POST', body });
export const changeTask = (id: string, task: string, body: Omit<Schemas['ChangeIncidentTaskRequest'], '$schema'>) =>
  call<IncidentTask>(at(id, `/tasks/${encodeURIComponent(task)}`), { method: 'PATCH', body });
export const applyPlaybook = (id: string, playbook: string) => call<IncidentDetail>(at(id, '/playbook'), { method: 'POST', body: { playbook } });
export const writeEntry = (id: string, body: { kind: 'note' | 'comment'; text: string; at?: string | undefined; tlp?: string | undefined }) =>
  call<IncidentEntry>(at(id, '/timeline'), { method: 'POST', body });
export const strikeEntry = (id: string, entry: string, why: string) => call(at(id, `/timeline/${encodeURIComponent(entry)}/strike`), { method: 'POST', body: { why } });
export const addObservables = (id: string, items: NewObservable[]) => call<IncidentDetail>(at(id, '/observables'), { method: 'POST', body: { items } });
export const shareIncident = (id: string, body: Omit<Schemas['ShareIncidentRequest'], '$schema'>) => call<IncidentDetail>(at(id, '/shares'), { method: 'POST', body });
export const endShare = (id: string, share: string) => call<IncidentDetail>(at(id, `/shares/${encodeURIComponent(share)}`), { method: 'DELETE' });

/** Systems of the register that a text is found in. */
export const systemsFoundQuery = (q: string) =>
  queryOptions({ queryKey: ['systems', 'found', q], queryFn: ({ signal }) => call<Schemas['SystemList']>('/systems', { query: { q, limit: 10 }, signal }), staleTime: 60_000 });
