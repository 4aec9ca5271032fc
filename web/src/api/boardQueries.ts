import { queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Board = Schemas['Dashboard'];
export type Widget = Schemas['Widget'];
export type WidgetKind = Schemas['WidgetKind'];
export type Figure = Schemas['Figure'];
export type Figures = Schemas['Figures'];
export type FigureColumn = Schemas['FigureColumn'];
export type FigureRow = Schemas['FigureRow'];
export type FigureCell = Schemas['FigureCell'];
export type BoardRange = Board['range'];

export const boardRanges = ['1h', '6h', '24h', '7d', '30d', '90d', '365d'] as const satisfies readonly BoardRange[];

export const boardsQuery = queryOptions({
  queryKey: ['boards', 'list'],
  queryFn: ({ signal }) => call<{ items: Board[] }>('/dashboards', { signal }),
});

export const kindsQuery = queryOptions({
  queryKey: ['boards', 'kinds'],
  queryFn: ({ signal }) => call<{ items: WidgetKind[] }>('/dashboards/kinds', { signal }),
  staleTime: 60 * 60_000,
});

const refreshMs = 30_000;

/** What the figures depend on; size and title do not count. */
export interface Question {
  from: string;
  to: string;
  unit: string | undefined;
  widgets: { id: string; kind: string; limit?: number; levels?: Widget['levels']; range?: string }[];
}

export function questionOf(widgets: readonly Widget[], range: string, unit: string | undefined): Question {
  return {
    from: `now-${range}`,
    to: 'now',
    unit,
    widgets: widgets.map(({ id, kind, limit, levels, range: own }) => ({
      id,
      kind,
      ...(limit && { limit }),
      ...(levels?.length && { levels }),
      ...(own && { range: own }),
    })),
  };
}

export function askFigures(question: Question, fresh: boolean, signal?: AbortSignal): Promise<Figures> {
  return call<Figures>('/dashboards/figures', {
    method: 'POST',
    body: {
      from: question.from,
      to: question.to,
      ...(question.unit && { unit: question.unit }),
      ...(fresh && { fresh }),
      widgets: question.widgets.map((widget) => ({ ...widget, w: 12, h: 1 })),
    },
    ...(signal && { signal }),
  });
}

export const figuresQuery = (question: Question) =>
  queryOptions({
    queryKey: ['boards', 'figures', question],
    queryFn: ({ signal }) => askFigures(question, false, signal),
    refetchInterval: refreshMs,
    refetchIntervalInBackground: false,
    staleTime: 10_000,
    // A network that is gone must show, on a wall above all: it is an error, not a pause.
    networkMode: 'always',
    retry: 1,
    placeholderData: (before) => before,
  });
