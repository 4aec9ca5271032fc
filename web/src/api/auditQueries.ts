import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

export type AuditRecord = components['schemas']['AuditRecord'];
type AuditPage = components['schemas']['AuditPage'];
type AuditFacets = components['schemas']['AuditFacets'];
export type AuditProof = components['schemas']['AuditProof'];

/** What narrows the trail, as the address keeps it. */
export interface AuditFilter {
  q?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  object?: string | undefined;
  ip?: string | undefined;
  refused?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => call<AuditPage>('/audit', { query: { ...filter, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor || undefined,
  });

export const auditFacetsQuery = (from: string | undefined, to: string | undefined) =>
  queryOptions({
    queryKey: ['audit-facets', from, to],
    queryFn: ({ signal }) => call<AuditFacets>('/audit/facets', { query: { from, to }, signal }),
    staleTime: 60_000,
  });

export const verifyAudit = () => call<AuditProof>('/audit/verify', { method: 'POST' });
