// Files of incidents with their chain of custody.
import { queryOptions } from '@tanstack/react-query';

import { call, callFile } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type IncidentFile = Schemas['IncidentFile'];
export type IncidentFileDetail = Schemas['IncidentFileDetail'];
export type Custody = Schemas['IncidentCustody'];
export type Handling = Schemas['HandleIncidentFileRequest']['kind'];

const at = (id: string, file?: string) => `/incidents/${encodeURIComponent(id)}/files${file === undefined ? '' : `/${encodeURIComponent(file)}`}`;

export const incidentFilesQuery = (id: string) =>
  queryOptions({ queryKey: ['incident', id, 'files'], queryFn: ({ signal }) => call<{ items: IncidentFile[] }>(at(id), { signal }) });

export const incidentFileQuery = (id: string, file: string) =>
  queryOptions({ queryKey: ['incident', id, 'files', file], queryFn: ({ signal }) => call<IncidentFileDetail>(at(id, file), { signal }) });

export const addIncidentFile = (id: string, file: File, note: string, tlp: string) =>
  call<IncidentFile>(at(id), { method: 'POST', body: file.slice(0, file.size, 'application/octet-stream'), query: { name: file.name, note, tlp } });

export const handleIncidentFile = (id: string, file: string, kind: Handling, why: string, whom: string) =>
  call(`${at(id, file)}/custody`, { method: 'POST', body: { kind, why, whom } });

export const fetchIncidentFile = (id: string, file: string, why: string) => callFile(`${at(id, file)}/download`, { method: 'POST', body: { why } });
