// What belongs to an incident besides itself: relations, sightings, exports, figures,
// the catalogue, one's tasks.
import { queryOptions } from '@tanstack/react-query';

import { call, callFile, type Query } from './client';
import type { IncidentDetail } from './incidentQueries';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Relation = Schemas['IncidentRelation'];
export type Audience = Schemas['IncidentAudience'];
export type Sighting = Schemas['IncidentSighting'];
export type MyTask = Schemas['MyIncidentTask'];
export type Figure = Schemas['IncidentFigure'];
export type Piece = Schemas['IncidentPiece'];
export type RelationKind = Schemas['RelateIncidentRequest']['kind'];
export type PieceKind = 'playbooks' | 'schemes';

const at = (id: string, rest = '') => `/incidents/${encodeURIComponent(id)}${rest}`;

export const relationsQuery = (id: string) =>
  queryOptions({ queryKey: ['incident', id, 'relations'], queryFn: ({ signal }) => call<{ items: Relation[] }>(at(id, '/relations'), { signal }) });
export const relate = (id: string, body: { with: string; kind: RelationKind; reason: string }) => call<IncidentDetail>(at(id, '/relations'), { method: 'POST', body });
export const unrelate = (id: string, relation: string, why: string) =>
  call<IncidentDetail>(at(id, `/relations/${encodeURIComponent(relation)}/end`), { method: 'POST', body: { why } });

export const audienceQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'audience'],
    queryFn: ({ signal }) => call<{ items: Audience[] }>(at(id, '/audience'), { signal }),
    staleTime: 60_000,
  });

export const sightingsQuery = (id: string) =>
  queryOptions({ queryKey: ['incident', id, 'sightings'], queryFn: ({ signal }) => call<{ items: Sighting[] }>(at(id, '/sightings'), { signal }) });
export const searchObservable = (id: string, observable: string, body: { from: string; to: string }) =>
  call<{ places: number; events: number; cut: boolean }>(at(id, `/observables/${encodeURIComponent(observable)}/search`), { method: 'POST', body });
export const noteSighting = (id: string, body: Omit<Schemas['NoteSightingRequest'], '$schema'>) => call<IncidentDetail>(at(id, '/sightings'), { method: 'POST', body });
export const strikeSighting = (id: string, sighting: string, why: string) =>
  call<IncidentDetail>(at(id, `/sightings/${encodeURIComponent(sighting)}/strike`), { method: 'POST', body: { why } });

export const exportIncident = (id: string) => callFile(at(id, '/export'));
export const packIncident = (id: string, why: string) => callFile(at(id, '/dossier'), { method: 'POST', body: { why } });
export const exportSheet = (filter: Query, lang: string) => callFile('/incidents/sheet', { query: { ...filter, lang } });

export const myTasksQuery = queryOptions({
  queryKey: ['incident', 'my tasks'],
  queryFn: ({ signal }) => call<{ items: MyTask[] }>('/incidents/tasks', { signal }),
  refetchInterval: 60_000,
});

export const incidentFiguresQuery = (ask: { from: string; to: string; by: string; drill: boolean; unit?: string }) =>
  queryOptions({
    queryKey: ['incidents', 'figures', ask],
    queryFn: ({ signal }) => call<{ all: Figure; items: Figure[] }>('/incidents/figures', { query: ask, signal }),
    placeholderData: (previous) => previous,
  });

const pieceAt = (kind: PieceKind, id: string) => `/incidents/catalogue/${kind}/${encodeURIComponent(id)}`;
export const pieceQuery = (kind: PieceKind, id: string) =>
  queryOptions({ queryKey: ['incident catalogue', kind, id], queryFn: ({ signal }) => call<Piece>(pieceAt(kind, id), { signal }) });
export const savePiece = (kind: PieceKind, id: string, text: string, version: number) => call<Piece>(pieceAt(kind, id), { method: 'PUT', body: { text, version } });
export const resetPiece = (kind: PieceKind, id: string) => call(pieceAt(kind, id), { method: 'DELETE' });
