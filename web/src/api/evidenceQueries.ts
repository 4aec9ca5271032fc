import { queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Retention = Schemas['Retention'];
export type RetentionRule = Schemas['RetentionRule'];
export type Hold = Schemas['Hold'];
export type Deletion = Schemas['Deletion'];
export type Evidence = Schemas['Evidence'];

export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: ({ signal }) => call<Retention>('/retention', { signal }),
});

export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: ({ signal }) => call<{ items: Hold[] }>('/holds', { query: { all: true }, signal }),
});

export const deletionsQuery = queryOptions({
  queryKey: ['deletions'],
  queryFn: ({ signal }) => call<{ items: Deletion[] }>('/retention/deletions', { signal }),
});

export const evidenceQuery = queryOptions({
  queryKey: ['evidence'],
  queryFn: ({ signal }) => call<Evidence>('/evidence', { signal }),
});
