// What falls due, from every module that has dates.
import { queryOptions } from '@tanstack/react-query';

import { call, type Query } from './client';
import type { components } from './schema.gen';

export type Agenda = components['schemas']['Agenda'];
export type AgendaDate = components['schemas']['AgendaDate'];

export const agendaQuery = (range: Query & { from: string; to: string }) =>
  queryOptions({
    queryKey: ['agenda', range],
    queryFn: ({ signal }) => call<Agenda>('/agenda', { query: range, signal }),
    placeholderData: (previous) => previous,
    refetchInterval: 300_000,
  });
