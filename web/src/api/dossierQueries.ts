// Level dossiers, the criteria of levels and Form 08.
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, url } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Dossier = Schemas['Dossier'];
export type DossierDetail = Schemas['DossierDetail'];
export type DossierFile = Schemas['DossierFile'];
export type DossierVerb = Schemas['StepDossierRequest']['verb'];
export type DossierForm = Schemas['DossierForm'];
export type DossierGap = Schemas['DossierGap'];
export type DossierPaper = Schemas['Decision'];
export type LevelBook = Schemas['LevelBook'];
export type LevelCriteria = Schemas['LevelCriteria'];
export type LevelQuestion = Schemas['LevelQuestion'];
export type LevelResult = Schemas['LevelResult'];
export type Form08 = Schemas['Form08'];
export type Form08Counts = Schemas['Form08Counts'];
export type Form08Line = Schemas['Form08Line'];
export type Answers = Record<string, string[]>;

const at = (id: string, rest = '') => `/dossiers/${encodeURIComponent(id)}${rest}`;

export interface DossiersAsk {
  state?: string | undefined;
  level?: number | undefined;
  unit?: string | undefined;
  system?: string | undefined;
  text?: string | undefined;
  late?: boolean | undefined;
}

export const dossiersQuery = (ask: DossiersAsk) =>
  infiniteQueryOptions({
    queryKey: ['dossiers', 'list', ask],
    queryFn: ({ pageParam, signal }) => call<Schemas['DossierListRequest']>('/dossiers', { signal, query: { ...ask, after: pageParam } }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

export const dossierQuery = (id: string) =>
  queryOptions({ queryKey: ['dossiers', 'one', id], queryFn: ({ signal }) => call<DossierDetail>(at(id), { signal }) });

export type LevelCall = Schemas['LevelCall'];

export const levelCallsQuery = (system: string | undefined) =>
  queryOptions({ queryKey: ['dossiers', 'calls', system], queryFn: ({ signal }) => call<{ items: LevelCall[] }>('/level-calls', { signal, query: { system } }) });
export const dismissLevelCall = (c: LevelCall, reason: string) =>
  call<LevelCall>(`/level-calls/${encodeURIComponent(c.id)}/dismiss`, { method: 'POST', body: { reason, version: c.version } });
export const dossiersChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: ['dossiers'] });

export const levelsQuery = queryOptions({
  queryKey: ['levels'],
  queryFn: ({ signal }) => call<LevelBook>('/levels', { signal }),
  staleTime: Infinity,
});

/** Which level answers come to; asked again with every answer. */
export const judgeQuery = (criteria: string, answers: Answers) =>
  queryOptions({
    queryKey: ['levels', 'judge', criteria, answers],
    queryFn: ({ signal }) => call<LevelResult>('/levels/judge', { method: 'POST', body: { criteria, answers }, signal }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const reusableQuery = (id: string) =>
  queryOptions({ queryKey: ['dossiers', 'reusable', id], queryFn: ({ signal }) => call<{ items: DossierFile[] }>(at(id, '/reusable'), { signal }) });

/** The papers of a dossier, those of this step first, and what each lacks. */
export const dossierFormsQuery = (id: string) =>
  queryOptions({ queryKey: ['dossiers', 'forms', id], queryFn: ({ signal }) => call<{ items: DossierForm[] }>(at(id, '/forms'), { signal }) });

export const dossierFormUrl = (id: string, form: string, format: 'docx' | 'pdf') => url(at(id, `/forms/${encodeURIComponent(form)}`), { format });

export const dossierPackageUrl = (id: string) => url(at(id, '/package'));

async function changed(client: QueryClient, now?: DossierDetail) {
  if (now) client.setQueryData(dossierQuery(now.id).queryKey, now);
  await Promise.all([client.invalidateQueries({ queryKey: ['dossiers'] }), client.invalidateQueries({ queryKey: ['form 08'] })]);
}

export async function beginDossier(client: QueryClient, body: { system: string; criteria?: string; trigger?: string; reason?: string }) {
  const made = await call<DossierDetail>('/dossiers', { method: 'POST', body });
  await changed(client, made);
  return made;
}

export async function enterEarlierLevel(client: QueryClient, body: { system: string; level: number; decision: { number: string; date: string; issuer: string }; reason: string }) {
  const made = await call<DossierDetail>('/earlier-levels', { method: 'POST', body });
  await changed(client, made);
  return made;
}

export async function answerDossier(client: QueryClient, dossier: DossierDetail, criteria: string, answers: Answers) {
  await changed(client, await call<DossierDetail>(at(dossier.id, '/answers'), { method: 'PUT', body: { criteria, answers, version: dossier.version } }));
}

export async function stepDossier(client: QueryClient, dossier: DossierDetail, verb: DossierVerb, note: string, paper?: DossierPaper) {
  await changed(client, await call<DossierDetail>(at(dossier.id, '/steps'), { method: 'POST', body: { verb, note, version: dossier.version, ...(paper && { paper }) } }));
}

export async function addDossierFile(client: QueryClient, id: string, file: File, part: string, expires: string) {
  await call(at(id, '/files'), { method: 'POST', query: { name: file.name, part, expires }, body: file });
  await changed(client);
}

export async function reuseDossierFile(client: QueryClient, id: string, file: string, part: string) {
  await changed(client, await call<DossierDetail>(at(id, `/files/${encodeURIComponent(file)}`), { method: 'PUT', body: { part } }));
}

export async function removeDossierFile(client: QueryClient, id: string, file: string) {
  await changed(client, await call<DossierDetail>(at(id, `/files/${encodeURIComponent(file)}`), { method: 'DELETE' }));
}

export const dossierFileUrl = (id: string, file: string) => url(at(id, `/files/${encodeURIComponent(file)}`));

/** Which Form 08: of a year, the one that is due where none is named; of a unit, with those below it or alone. */
export interface Form08Ask {
  year?: number | undefined;
  unit?: string | undefined;
  alone?: true | undefined;
}

export const form08Query = (ask: Form08Ask) =>
  queryOptions({ queryKey: ['form 08', 'counts', ask], queryFn: ({ signal }) => call<Form08>('/form-08', { signal, query: { ...ask } }) });

export interface LinesAsk extends Form08Ask {
  counter?: string | undefined;
  text?: string | undefined;
}

export const form08LinesQuery = (ask: LinesAsk) =>
  infiniteQueryOptions({
    queryKey: ['form 08', 'lines', ask],
    queryFn: ({ pageParam, signal }) => call<Schemas['Form08LinesRequest']>('/form-08/systems', { signal, query: { ...ask, limit: 100, after: pageParam } }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

export async function inspectSystem(client: QueryClient, system: string, body: { beforeUse: boolean; inspectedAt: string; version: number }) {
  await call(`/form-08/systems/${encodeURIComponent(system)}`, { method: 'PUT', body });
  await changed(client);
}

export const form08Url = (format: 'xlsx' | 'docx', ask: Form08Ask) => url('/form-08/file', { format, ...ask });
