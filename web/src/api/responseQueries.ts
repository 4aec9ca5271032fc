// The response team and coordination, as their pages read and change them.
import { type QueryClient, queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Responder = Schemas['Responder'];
export type ResponderEntry = Omit<Schemas['ResponderEntry'], '$schema'>;
export type OnCall = Schemas['OnCall'];
export type CallUp = Schemas['CallUp'];
export type Called = CallUp['line'][number];
export type Ask = Schemas['Ask'];
export type Handover = Schemas['Handover'];
export type Side = Schemas['Side'];
export type Force = Schemas['Force'];
export type NetworkContact = Schemas['NetworkContact'];
export type NetworkContactEntry = Omit<Schemas['NetworkContactEntry'], '$schema'>;

export interface SubjectRef {
  kind: string;
  id: string;
}

const of = (subject: SubjectRef | undefined): Record<string, string> => (subject ? { subjectKind: subject.kind, subject: subject.id } : {});
const everyMs = 30_000;

const listQuery = <T>(path: string, query: Record<string, string | boolean> = {}) =>
  queryOptions({
    queryKey: ['response', path, query],
    queryFn: ({ signal }) => call<{ items: T[] }>(path, { query, signal }),
    refetchInterval: everyMs,
  });

export const teamQuery = listQuery<Responder>('/response-team');
export const forcesQuery = listQuery<Force>('/forces');
export const networkQuery = listQuery<NetworkContact>('/network');
export const callUpsQuery = (subject?: SubjectRef) => listQuery<CallUp>('/call-ups', of(subject));
export const asksQuery = (subject?: SubjectRef) => listQuery<Ask>('/asks', of(subject));
export const handoversQuery = (subject?: SubjectRef) => listQuery<Handover>('/handovers', of(subject));
export const onCallQuery = queryOptions({ queryKey: ['response', 'on-call'], queryFn: ({ signal }) => call<OnCall>('/on-call', { signal }), refetchInterval: everyMs });

/** Reads all of it again after a change. */
export const responseChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: ['response'] });
