import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

export type Channel = components['schemas']['NotificationChannel'];
export type Rule = components['schemas']['NotificationRule'];
export type Plan = components['schemas']['EscalationPlan'];
export type Recipient = components['schemas']['NotificationRecipient'];
export type InboxItem = components['schemas']['InboxItem'];
export type Delivery = components['schemas']['Delivery'];
export type Preferences = components['schemas']['Preferences'];
export type Kind = components['schemas']['NotificationKind'];

const pageSize = 50;
const root = '/notifications';

function paged<T extends { id: string }>(key: string, path: string, query: Record<string, string | boolean>) {
  return infiniteQueryOptions({
    queryKey: ['notifications', key, query],
    queryFn: ({ pageParam, signal }) => call<{ items: T[] }>(root + path, { query: { ...query, cursor: pageParam, limit: pageSize }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => (last.items.length === pageSize ? last.items.at(-1)?.id : undefined),
  });
}

export const inboxQuery = (unread: boolean) => paged<InboxItem>('inbox', '/inbox', { unread });
export const deliveriesQuery = (state: string) => paged<Delivery>('deliveries', '/deliveries', { state });

export const unreadQuery = queryOptions({
  queryKey: ['notifications', 'unread'],
  queryFn: ({ signal }) => call<{ unread: number }>(`${root}/inbox/count`, { signal }),
});

const list = <T>(name: string) =>
  queryOptions({ queryKey: ['notifications', name], queryFn: ({ signal }) => call<{ items: T[]; running?: number }>(`${root}/${name}`, { signal }) });

export const channelsQuery = list<Channel>('channels');
export const rulesQuery = list<Rule>('rules');
export const plansQuery = list<Plan>('plans');
export const kindsQuery = list<Kind>('kinds');

export const preferencesQuery = queryOptions({
  queryKey: ['notifications', 'preferences'],
  queryFn: ({ signal }) => call<Preferences>(`${root}/preferences`, { signal }),
});
