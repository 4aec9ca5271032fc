// Accounts, tokens and the rules of signing in, as their pages read and change them.
import { queryOptions, type QueryClient } from '@tanstack/react-query';

import { call } from './client';
import { tokensQuery, usersQuery } from './queries';
import type { components } from './schema.gen';
import type { Token } from './types';

type Schemas = components['schemas'];

export type Permissions = Schemas['Permissions'];
export type SignInRules = Schemas['SignInRules'];
export type SignInState = Schemas['SignInState'];

const userPath = (id: string) => `/users/${encodeURIComponent(id)}`;
const tokenPath = (id: string) => `/tokens/${encodeURIComponent(id)}`;

export const signInStateQuery = (id: string) =>
  queryOptions({ queryKey: ['users', id, 'sign-in'], queryFn: ({ signal }) => call<SignInState>(`${userPath(id)}/sign-in`, { signal }) });

export const permissionsQuery = queryOptions({
  queryKey: ['permissions'],
  queryFn: ({ signal }) => call<Permissions>('/permissions', { signal }),
  staleTime: Infinity,
});

export const signInRulesQuery = queryOptions({
  queryKey: ['sign-in-policy'],
  queryFn: ({ signal }) => call<SignInRules>('/sign-in-policy', { signal }),
});

/** Reads accounts again after a change, wherever they are shown. */
export const usersChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: usersQuery.queryKey });
export const tokensChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: tokensQuery.queryKey });

export interface UserValues {
  displayName: string;
  mail: string;
  role: string;
  unit: string;
}

interface OneTime {
  id: string;
  username: string;
  oneTimePassword: string;
}

export const createUser = (body: UserValues & { username: string }) => call<OneTime>('/users', { method: 'POST', body });
export const changeUser = (id: string, body: Partial<UserValues>) => call(userPath(id), { method: 'PATCH', body });
export const resetPassword = (id: string) => call<{ oneTimePassword: string }>(`${userPath(id)}/reset-password`, { method: 'POST' });
export const resetFactors = (id: string) => call(`${userPath(id)}/reset-factors`, { method: 'POST' });
export const unlockUser = (id: string) => call(`${userPath(id)}/unlock`, { method: 'POST' });
export const endSessions = (id: string) => call(`${userPath(id)}/sessions`, { method: 'DELETE' });
export const linkSSO = (id: string, subject: string) => call(`${userPath(id)}/sso-links`, { method: 'POST', body: { subject } });
export const unlinkSSO = (id: string) => call(`${userPath(id)}/sso-links`, { method: 'DELETE' });

/** How many the server takes at once. */
const atOnce = 200;

async function inParts(ids: readonly string[], one: (part: string[]) => Promise<unknown>) {
  for (let at = 0; at < ids.length; at += atOnce) await one(ids.slice(at, at + atOnce));
}

export const disableUsers = (ids: readonly string[], disabled: boolean) =>
  inParts(ids, (part) => call('/users/disable', { method: 'POST', body: { ids: part, disabled } }));

export interface TokenValues {
  name: string;
  role?: string | undefined;
  actions?: string[] | undefined;
  networks?: string[] | undefined;
  expiresInDays?: number | undefined;
}

export const createToken = (body: TokenValues & { unit: string; scope: Token['scope'] }) =>
  call<Token & { token: string }>('/tokens', { method: 'POST', body });
export const changeToken = (id: string, body: Partial<TokenValues>) => call<Token>(tokenPath(id), { method: 'PATCH', body });
export const revokeTokens = (ids: readonly string[]) => inParts(ids, (part) => call('/tokens/revoke', { method: 'POST', body: { ids: part } }));

export const setFactorRoles = (factorRoles: readonly string[]) => call('/sign-in-policy', { method: 'PUT', body: { factorRoles } });
