// Inspections, assessments, what they found and the plans of years, as their pages read them.
import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Inspection = Schemas['Inspection'];
export type InspectionDetail = Schemas['InspectionDetail'];
export type InspectionBody = Omit<Schemas['InspectionFields'], '$schema'>;
export type Answer = Schemas['InspectionAnswer'];
export type Finding = Schemas['InspectionFinding'];
export type AssessmentPlan = Schemas['AssessmentPlan'];
export type PlanItem = Schemas['AssessmentItem'];
export type ChecklistGroup = Schemas['InspectionGroup'];
export type Kind = Inspection['kind'];

export const kinds = ['inspection', 'self', 'independent', 'pentest', 'device'] as const satisfies readonly Kind[];

const key = 'inspections';

export const inspectionsQuery = (filter: Query) =>
  queryOptions({
    queryKey: [key, 'list', filter],
    queryFn: ({ signal }) => call<Schemas['InspectionList']>('/inspections', { query: { limit: 200, ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
export const inspectionQuery = (id: string) =>
  queryOptions({ queryKey: [key, 'one', id], queryFn: ({ signal }) => call<InspectionDetail>(at('inspections', id), { signal }) });
export const findingsQuery = (filter: Query) =>
  queryOptions({
    queryKey: [key, 'findings', filter],
    queryFn: ({ signal }) => call<{ items: Finding[] }>('/inspection-findings', { query: { limit: 200, ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
export const plansQuery = queryOptions({
  queryKey: [key, 'plans'],
  queryFn: ({ signal }) => call<{ items: AssessmentPlan[] }>('/assessment-plans', { signal }),
});
export const inspectionCatalogueQuery = queryOptions({
  queryKey: [key, 'catalogue'],
  queryFn: ({ signal }) => call<Schemas['InspectionCatalogue']>('/inspection-catalogue', { signal }),
  staleTime: Infinity,
});

export const inspectionsChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: [key] });

const at = (collection: string, id: string) => `/${collection}/${encodeURIComponent(id)}`;

export const addInspection = (body: InspectionBody) => call<Inspection>('/inspections', { method: 'POST', body });
export const changeInspection = (v: Inspection, body: InspectionBody) => call<Inspection>(at('inspections', v.id), { method: 'PUT', body: { ...body, version: v.version } });
export const stepInspection = (v: Inspection, verb: 'notify' | 'start' | 'conclude' | 'cancel', text: string) =>
  call<Inspection>(`${at('inspections', v.id)}/step`, { method: 'POST', body: { verb, text, version: v.version } });
export const answerInspection = (v: Inspection, answers: Record<string, Answer>) =>
  call<Inspection>(`${at('inspections', v.id)}/answers`, { method: 'PUT', body: { answers, version: v.version } });
export const addFinding = (visit: string, body: Pick<Finding, 'title' | 'text' | 'item' | 'severity' | 'remedy' | 'due'>) =>
  call<Finding>(`${at('inspections', visit)}/findings`, { method: 'POST', body });
export const answerFinding = (f: Finding, text: string, evidence: string) =>
  call<Finding>(`${at('inspection-findings', f.id)}/answer`, { method: 'POST', body: { text, evidence, version: f.version } });
export const recheckFinding = (f: Finding, verb: 'return' | 'close', text: string) =>
  call<Finding>(`${at('inspection-findings', f.id)}/recheck`, { method: 'POST', body: { verb, text, version: f.version } });
export const addPlan = (year: number) => call<AssessmentPlan>('/assessment-plans', { method: 'POST', body: { year, items: [] } });
export const changePlan = (p: AssessmentPlan, items: PlanItem[]) =>
  call<AssessmentPlan>(at('assessment-plans', p.id), {
    method: 'PUT',
    body: { items: items.map(({ unit, system, kind, month, note }) => ({ unit, system, kind, month, note })), version: p.version },
  });
export const approvePlan = (p: AssessmentPlan, decision: string) =>
  call<AssessmentPlan>(`${at('assessment-plans', p.id)}/approve`, { method: 'POST', body: { decision, version: p.version } });
