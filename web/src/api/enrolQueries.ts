import { queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Device = Schemas['Device'];
export type Enrolment = Schemas['Enrolment'];
export type EnrolmentStatus = Schemas['EnrolmentStatus'];
export type Kit = Schemas['Kit'];
export type CreateEnrolment = Schemas['CreateEnrolmentRequest'];
export type Credential = Enrolment['credential'];

export interface Made {
  enrolment: Enrolment;
  kit: Kit;
}

const lightMs = 1_000;
const one = (id: string) => `/enrolments/${encodeURIComponent(id)}`;

export const devicesQuery = queryOptions({
  queryKey: ['enrolment-devices'],
  queryFn: ({ signal }) => call<{ items: Device[] }>('/enrolment-devices', { signal }),
  staleTime: 60_000,
});

export const enrolmentsQuery = (filter: { status?: string | undefined; q?: string | undefined; soon?: string | undefined; unit?: string | undefined }) =>
  queryOptions({
    queryKey: ['enrolments', filter],
    queryFn: ({ signal }) =>
      call<{ items: Enrolment[] }>('/enrolments', {
        query: { status: filter.status, q: filter.q, unit: filter.unit, expiringInDays: filter.soon ? 14 : undefined },
        signal,
      }),
    placeholderData: (before) => before,
  });

export const enrolmentQuery = (id: string) =>
  queryOptions({ queryKey: ['enrolment', id], queryFn: ({ signal }) => call<Enrolment>(one(id), { signal }) });

/** The light: asked each second while it is on the screen. */
export const lightQuery = (id: string) =>
  queryOptions({
    queryKey: ['enrolment-light', id],
    queryFn: ({ signal }) => call<EnrolmentStatus>(`${one(id)}/status`, { signal }),
    refetchInterval: lightMs,
  });

export const kitQuery = (id: string) =>
  queryOptions({ queryKey: ['enrolment-kit', id], queryFn: ({ signal }) => call<Kit>(`${one(id)}/kit`, { signal }) });

export const createEnrolment = (body: CreateEnrolment) => call<Made>('/enrolments', { method: 'POST', body });
export const rotateEnrolment = (id: string, graceHours: number) => call<Made>(`${one(id)}/rotate`, { method: 'POST', body: { graceHours } });
export const revokeEnrolment = (id: string, reason: string) => call<Enrolment>(`${one(id)}/revoke`, { method: 'POST', body: { reason } });
export const changeEnrolment = (id: string, body: { name?: string; note?: string }) => call<Enrolment>(one(id), { method: 'PATCH', body });
