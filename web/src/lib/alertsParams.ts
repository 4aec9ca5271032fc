// The alert queue's whole state as its address keeps it.
import type { AlertStatus, Level } from '../api/types';
import { isLevel, isStatus } from './levels';

export const views = ['queue', 'campaign', 'unit', 'mine', 'closed'] as const;
export type View = (typeof views)[number];

/** What the server orders alerts by; groups are ordered here. */
const columns = ['lastSeen', 'level', 'count', 'createdAt', 'alerts', 'unassigned'] as const;
const usualSort = '-lastSeen';

export interface AlertsParams {
  /** Missing means the queue, one alert after the other. */
  view?: Exclude<View, 'queue'> | undefined;
  /** Comma separated; missing means what is not closed. Of the queue only. */
  status?: string | undefined;
  level?: string | undefined;
  unit?: string | undefined;
  q?: string | undefined;
  ruleId?: string | undefined;
  sort?: string | undefined;
  /** A group of open alerts, by its id. */
  campaign?: string | undefined;
  /** A user's id, me or none. */
  assignee?: string | undefined;
  /** none, only, or the id of an exercise. */
  drill?: string | undefined;
  /** Opened at or after, and before; RFC 3339. */
  from?: string | undefined;
  to?: string | undefined;
  /** The alert, or the group, open in the side panel. */
  alert?: string | undefined;
  group?: string | undefined;
}

export const openStatuses = 'new,in_progress';

function list<T extends string>(value: unknown, allowed: (v: unknown) => v is T): string | undefined {
  if (typeof value !== 'string') return undefined;
  const items = [...new Set(value.split(','))].filter(allowed);
  return items.length > 0 ? items.join(',') : undefined;
}

export const splitStatuses = (value: string | undefined): AlertStatus[] => (value ?? openStatuses).split(',').filter(isStatus);
export const splitLevels = (value: string | undefined): Level[] => (value ?? '').split(',').filter(isLevel);

export function readAlertsParams(search: Record<string, unknown>): AlertsParams {
  const params: AlertsParams = {};
  const view = views.find((v) => v === search.view);
  if (view && view !== 'queue') params.view = view;
  const status = list(search.status, isStatus);
  if (status && status !== openStatuses) params.status = status;
  const level = list(search.level, isLevel);
  if (level) params.level = level;
  for (const name of ['unit', 'q', 'ruleId', 'alert', 'group', 'campaign', 'assignee', 'drill'] as const) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') params[name] = value;
  }
  for (const name of ['from', 'to'] as const) {
    const value = search[name];
    if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) params[name] = value;
  }
  const sort = typeof search.sort === 'string' ? search.sort : '';
  if (sort !== usualSort && columns.some((c) => c === sort.replace(/^-/, ''))) params.sort = sort;
  return params;
}

/** What the server is asked for, and what a change of all alerts of the view is for. */
export function filterOf(params: AlertsParams): Record<string, string> {
  const { view = 'queue', level, unit, q, ruleId, campaign, drill, from, to } = params;
  const status = view === 'closed' ? 'closed' : view === 'queue' ? (params.status ?? openStatuses) : openStatuses;
  const assignee = view === 'mine' ? 'me' : params.assignee;
  const all = { status, level, unit, q, ruleId, campaign, assignee, drill, from, to };
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

export function sortOfQueue(sort: string | undefined): string {
  return sort !== undefined && !/alerts|unassigned/.test(sort) ? sort : usualSort;
}

/** What narrows the list, taken away. */
export const cleared = { level: undefined, unit: undefined, q: undefined, ruleId: undefined, campaign: undefined, assignee: undefined, drill: undefined, from: undefined, to: undefined };

export function isNarrowed(params: AlertsParams): boolean {
  return Object.keys(cleared).some((name) => params[name as keyof typeof cleared] !== undefined);
}

/** The address of another view: what narrows the list goes along, what belongs to one view stays behind. */
export function toView(params: AlertsParams, view: View): AlertsParams {
  const { level, unit, q, drill } = params;
  return { view: view === 'queue' ? undefined : view, level, unit, q, drill };
}
