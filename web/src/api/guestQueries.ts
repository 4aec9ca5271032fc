// People without an account who look at a part of one incident: as those who invite
// them see them, and as they see it themselves.
import { queryOptions } from '@tanstack/react-query';

import { call, callFile } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Guest = Schemas['IncidentGuest'];
export type NewGuest = Omit<Schemas['InviteGuestRequest'], '$schema'>;
export type GuestVisit = Schemas['GuestVisit'];
export type GuestEntry = Schemas['GuestEntry'];
export type GuestFile = Schemas['GuestFile'];

const at = (incident: string, guest?: string) => `/incidents/${encodeURIComponent(incident)}/guests${guest === undefined ? '' : `/${encodeURIComponent(guest)}`}`;

export const guestsQuery = (incident: string) =>
  queryOptions({ queryKey: ['incident', incident, 'guests'], queryFn: ({ signal }) => call<{ items: Guest[] }>(at(incident), { signal }) });

export const inviteGuest = (incident: string, body: NewGuest) => call<{ guest: Guest; path: string }>(at(incident), { method: 'POST', body });
export const revokeGuest = (incident: string, guest: string) => call(at(incident, guest), { method: 'DELETE' });

/** Each answer is a look that is written down: it is asked for once, and never by itself. */
export const visitQuery = queryOptions({
  queryKey: ['guest', 'visit'],
  queryFn: () => call<GuestVisit>('/guest/incident'),
  staleTime: Infinity,
  retry: false,
  refetchOnReconnect: false,
});

export const openGuestLink = (secret: string) => call('/guest/session', { method: 'POST', body: { secret } });
export const leaveAsGuest = () => call('/guest/session', { method: 'DELETE' });
export const commentAsGuest = (text: string) => call<GuestEntry>('/guest/comments', { method: 'POST', body: { text } });
export const fetchGuestFile = (file: string) => callFile(`/guest/files/${encodeURIComponent(file)}`, { method: 'POST' });
