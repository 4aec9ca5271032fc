// Requirements that units were seen not to meet.
import { type QueryClient, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type RequirementFinding = Schemas['RequirementFinding'];
export type RequirementDetail = Schemas['RequirementDetail'];
export type RequirementVerb = Schemas['RequirementStep']['verb'];

export interface FindingsAsk {
  unit?: string | undefined;
  subjectKind?: string | undefined;
  subject?: string | undefined;
  drill?: boolean | undefined;
  state?: 'any' | undefined;
}

export const findingsQuery = (ask: FindingsAsk) =>
  queryOptions({
    queryKey: ['requirement findings', ask],
    queryFn: ({ signal }) => call<Schemas['RequirementList']>('/requirement-findings', { signal, query: { ...ask } }),
  });

export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ['requirement findings', 'one', id],
    queryFn: ({ signal }) => call<RequirementDetail>(`/requirement-findings/${encodeURIComponent(id)}`, { signal }),
  });

export async function stepFinding(client: QueryClient, finding: RequirementFinding, verb: RequirementVerb, note: string) {
  await call(`/requirement-findings/${encodeURIComponent(finding.id)}/steps`, { method: 'POST', body: { verb, note, version: finding.version } });
  await client.invalidateQueries({ queryKey: ['requirement findings'] });
}
