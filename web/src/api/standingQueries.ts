// What is asked of systems, the four layers, and the go-live gate.
import { type QueryClient, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type SystemRequirements = Schemas['SystemRequirements'];
export type SystemRequirement = Schemas['SystemRequirement'];
export type Bound = Schemas['RequirementBound'];
export type Reading = Schemas['RequirementReading'];
export type Tally = Schemas['RequirementTally'];
export type RequirementOverview = Schemas['RequirementOverview'];
export type SystemLayers = Schemas['SystemLayers'];
export type LayerStanding = Schemas['LayerStanding'];
export type LayerFacts = Schemas['LayerFacts'];
export type LayerOverview = Schemas['LayerOverview'];
export type GateStanding = Schemas['Gate'];
export type Override = Schemas['Override'];
export type OverrideList = Schemas['OverrideList'];
export type CriticalSystem = Schemas['CriticalSystem'];

const key = 'standing';
const at = (id: string, rest: string) => `/systems/${encodeURIComponent(id)}/${rest}`;

export const standingChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: [key] });

export const cataloguesQuery = queryOptions({
  queryKey: [key, 'catalogues'],
  queryFn: ({ signal }) => call<{ items: Schemas['RequirementStandard'][] }>('/requirement-catalogues', { signal }),
  staleTime: Infinity,
});

export const systemRequirementsQuery = (id: string, catalogue: string, level?: number) =>
  queryOptions({ queryKey: [key, 'system', id, catalogue, level], queryFn: ({ signal }) => call<SystemRequirements>(at(id, 'requirements'), { signal, query: { catalogue, level } }) });

export const requirementOverviewQuery = queryOptions({
  queryKey: [key, 'overview'],
  queryFn: ({ signal }) => call<RequirementOverview>('/requirement-overview', { signal }),
});

export const requirementSystemsQuery = (unit: string, group: string) =>
  queryOptions({
    queryKey: [key, 'systems', unit, group],
    queryFn: ({ signal }) => call<Schemas['RequirementSystems']>('/requirement-systems', { signal, query: { unit: unit || undefined, group: group || undefined, limit: 50 } }),
  });

export const measureSystem = (id: string) => call(at(id, 'measurements'), { method: 'POST' });

export interface Declaration {
  item: string;
  declared: string;
  reason: string;
  responsible: string;
  due: string;
  exceptionReason: string;
  exceptionUntil: string;
  version: number;
}
export const declareRequirement = (id: string, body: Declaration) => call(at(id, 'requirements'), { method: 'PUT', body });
export const verifyRequirement = (id: string, body: { item: string; verdict: string; note: string; version: number }) =>
  call(at(id, 'requirements/verdict'), { method: 'POST', body });
export const addFile = (id: string, item: string, file: File, expires: string) =>
  call(at(id, 'requirement-evidence'), { method: 'POST', query: { item, name: file.name, expires: expires || undefined }, body: new Blob([file], { type: 'application/octet-stream' }) });
export const addReference = (id: string, item: string, reference: string, expires: string) =>
  call(at(id, 'requirement-references'), { method: 'POST', body: { item, reference, expires } });
export const removeEvidence = (id: string, evidence: string) => call(at(id, `requirement-evidence/${encodeURIComponent(evidence)}`), { method: 'DELETE' });
export const evidenceUrl = (id: string, evidence: string) => `/api/v1${at(id, `requirement-evidence/${encodeURIComponent(evidence)}`)}`;

export const systemLayersQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'layers', id], queryFn: ({ signal }) => call<SystemLayers>(at(id, 'layers'), { signal }) });
export const writeLayer = (id: string, layer: number, facts: LayerFacts, version: number) => call(at(id, 'layers'), { method: 'PUT', body: { ...facts, layer, version } });
export const unitLayersQuery = (unit: string) =>
  queryOptions({ queryKey: [key, 'layers', 'unit', unit], queryFn: ({ signal }) => call<Schemas['UnitLayers']>(`/units/${encodeURIComponent(unit)}/layers`, { signal }) });
export const writeUnitLayer = (unit: string, layer: number, facts: LayerFacts, version: number) =>
  call(`/units/${encodeURIComponent(unit)}/layers`, { method: 'PUT', body: { ...facts, layer, version } });
export const layerOverviewQuery = queryOptions({
  queryKey: [key, 'layers'],
  queryFn: ({ signal }) => call<LayerOverview>('/layer-overview', { signal }),
});

export const gateQuery = (id: string) => queryOptions({ queryKey: [key, 'gate', id], queryFn: ({ signal }) => call<GateStanding>(at(id, 'gate'), { signal }) });
export const overrideGate = (id: string, body: { decider: string; document: string; reason: string; until: string }) => call(at(id, 'overrides'), { method: 'POST', body });
export const endOverride = (id: string, override: string, reason: string) => call(at(id, `overrides/${encodeURIComponent(override)}/end`), { method: 'POST', body: { reason } });
export const overridesQuery = queryOptions({
  queryKey: [key, 'overrides'],
  queryFn: ({ signal }) => call<OverrideList>('/overrides', { signal }),
});

export const criticalQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'critical', id], queryFn: ({ signal }) => call<{ critical: CriticalSystem | null }>(at(id, 'critical'), { signal }) });
export const stepCritical = (id: string, body: { state: string; document: string; day: string; note: string; version: number }) =>
  call(at(id, 'critical'), { method: 'POST', body });
export const criticalsQuery = queryOptions({
  queryKey: [key, 'criticals'],
  queryFn: ({ signal }) => call<{ items: CriticalSystem[] }>('/critical-systems', { signal }),
});
