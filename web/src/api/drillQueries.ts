// Exercises and what they come to.
import { type QueryClient, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Drill = Schemas['Drill'];
export type DrillReport = Schemas['DrillReport'];
export type DrillPlan = Omit<Schemas['DrillPlan'], '$schema'>;
export type DrillVerb = 'start' | 'inject' | 'end' | 'cancel';

const at = (id: string, rest = '') => `/drills/${encodeURIComponent(id)}${rest}`;

export const drillsQuery = queryOptions({
  queryKey: ['drills'],
  queryFn: ({ signal }) => call<Schemas['DrillList']>('/drills', { signal, query: { limit: 200 } }),
});

/** What an exercise comes to; while it runs it is read again and again. */
export const drillReportQuery = (id: string) =>
  queryOptions({
    queryKey: ['drills', id, 'report'],
    queryFn: ({ signal }) => call<DrillReport>(at(id, '/report'), { signal }),
    refetchInterval: ({ state }) => (state.data?.drill.state === 'running' ? 5_000 : 60_000),
  });

const changed = (client: QueryClient) => client.invalidateQueries({ queryKey: ['drills'] });

export async function addDrill(client: QueryClient, plan: DrillPlan) {
  const drill = await call<Drill>('/drills', { method: 'POST', body: plan });
  await changed(client);
  return drill;
}

export async function changeDrill(client: QueryClient, drill: Drill, plan: DrillPlan) {
  const next = await call<Drill>(at(drill.id), { method: 'PUT', body: { version: drill.version, plan } });
  await changed(client);
  return next;
}

export async function stepDrill(client: QueryClient, drill: Drill, verb: DrillVerb, inject?: string) {
  await call(at(drill.id, '/steps'), { method: 'POST', body: { verb, version: drill.version, ...(inject !== undefined && { inject }) } });
  await changed(client);
}

export const drillTable = (id: string, lang: string) => `/api/v1${at(id, '/report.csv')}?lang=${lang}`;

/** Events of the scenario, on the way all events take. */
export async function feedDrill(client: QueryClient, id: string, unit: string, name: string, body: Blob) {
  const fed = await call<Schemas['DrillFed']>(at(id, '/events'), { method: 'POST', query: { unit, name }, body });
  await changed(client);
  return fed;
}
