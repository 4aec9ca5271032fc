// The alert queue's whole state as its address keeps it.
import type { AlertStatus, Level } from '../api/types';
import { isLevel, isStatus } from './levels';

export const sorts = ['-lastSeen', '-level', '-count'] as const;
export type Sort = (typeof sorts)[number];

export interface AlertsParams {
  /** Comma separated; missing means what is not closed. */
  status?: string;
  level?: string;
  unit?: string;
  q?: string;
  ruleId?: string;
  sort?: Sort;
  /** How the queue is grouped; missing means not at all. */
  view?: 'campaign' | 'unit';
  /** A group of open alerts, by its id. */
  campaign?: string;
  /** A user's id, me or none. */
  assignee?: string;
  /** Opened at or after, and before; RFC 3339. */
  from?: string;
  to?: string;
  /** The alert open in the side panel. */
  alert?: string;
}

export const openStatuses = 'new,in_progress';

function list<T extends string>(value: unknown, allowed: (v: unknown) => v is T): string | undefined {
  if (typeof value !== 'string') return undefined;
  const items = [...new Set(value.split(','))].filter(allowed);
  return items.length > 0 ? items.join(',') : undefined;
}

export function readAlertsParams(search: Record<string, unknown>): AlertsParams {
  const params: AlertsParams = {};
  const status = list(search.status, isStatus);
  if (status && status !== openStatuses) params.status = status;
  const level = list(search.level, isLevel);
  if (level) params.level = level;
  for (const name of ['unit', 'q', 'ruleId', 'alert', 'campaign', 'assignee'] as const) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') params[name] = value;
  }
  if (search.view === 'campaign' || search.view === 'unit') params.view = search.view;
  for (const name of ['from', 'to'] as const) {
    const value = search[name];
    if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) params[name] = value;
  }
  const sort = sorts.find((s) => s === search.sort);
  if (sort && sort !== '-lastSeen') params.sort = sort;
  return params;
}

export function toggleInList(value: string | undefined, item: Level | AlertStatus): string | undefined {
  const items = value ? value.split(',') : [];
  const next = items.includes(item) ? items.filter((i) => i !== item) : [...items, item];
  return next.length > 0 ? next.join(',') : undefined;
}
