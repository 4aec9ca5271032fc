// What the pages of techniques, entities and rules read.
import { queryOptions } from '@tanstack/react-query';

import { resolveRange } from '../lib/time';
import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];
export type AttackMatrix = Schemas['AttackMatrix'];
export type AttackTechnique = Schemas['AttackTechnique'];
export type AttackDetail = Schemas['AttackDetail'];
export type EntityView = Schemas['Entity'];
export type EntityPresence = Schemas['EntityPresence'];
export type EntityRelated = Schemas['EntityRelated'];
export type EntityTimeline = Schemas['EntityTimeline'];
export type EntityMoment = Schemas['EntityMoment'];
export type RuleNoise = Schemas['RuleNoise'];
export type RuleVersion = Schemas['RuleVersion'];
export type RulePart = Schemas['RulePartial'];
export type RuleSeries = Schemas['RuleSeries'];

export const spans = ['24h', '7d', '30d', '90d'] as const;
export type Span = (typeof spans)[number];
export const spanOf = (text: string | undefined, usual: Span): Span => spans.find((s) => s === text) ?? usual;

/** The last span of time, as of each request. */
const last = (span: Span) => resolveRange({ from: `now-${span}`, to: 'now' }, Date.now());

export interface AttackFilter {
  span: Span;
  unit?: string | undefined;
  product?: string | undefined;
  level?: string | undefined;
}

export const attackParams = ({ span, ...filter }: AttackFilter) => ({ ...filter, ...last(span) });

export const attackQuery = (filter: AttackFilter) =>
  queryOptions({
    queryKey: ['attack', filter],
    queryFn: ({ signal }) => call<AttackMatrix>('/attack', { query: attackParams(filter), signal }),
    placeholderData: (previous) => previous,
    staleTime: 60_000,
  });

export const techniqueQuery = (id: string, filter: AttackFilter) =>
  queryOptions({
    queryKey: ['attack', 'technique', id, filter],
    queryFn: ({ signal }) => call<AttackDetail>(`/attack/techniques/${encodeURIComponent(id)}`, { query: attackParams(filter), signal }),
    staleTime: 60_000,
  });

const entityPart = <T,>(part: string, type: string, value: string, span: Span) =>
  queryOptions({
    queryKey: ['entity', type, value, span, part],
    queryFn: ({ signal }) => call<T>(`/entities/${encodeURIComponent(type)}${part}`, { query: { value, ...last(span) }, signal }),
    placeholderData: (previous) => previous,
    staleTime: 60_000,
    retry: false,
  });

export const entityQuery = (type: string, value: string, span: Span) => entityPart<EntityView>('', type, value, span);
export const presenceQuery = (type: string, value: string, span: Span) => entityPart<EntityPresence>('/presence', type, value, span);
export const relatedQuery = (type: string, value: string, span: Span) => entityPart<EntityRelated>('/related', type, value, span);
export const timelineQuery = (type: string, value: string, span: Span) => entityPart<EntityTimeline>('/timeline', type, value, span);

export const noiseQuery = (id: string) =>
  queryOptions({
    queryKey: ['rule', id, 'noise'],
    queryFn: ({ signal }) => call<RuleNoise>(`/rules/${encodeURIComponent(id)}/noise`, { signal }),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['rule', id, 'versions'],
    queryFn: ({ signal }) => call<{ items: RuleVersion[] }>(`/rules/${encodeURIComponent(id)}/versions`, { signal }),
  });
