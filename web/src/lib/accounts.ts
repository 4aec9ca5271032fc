// What an account or a token is in, and what their pages keep in the address.
import type { Account, Token } from '../api/types';

export const accountStates = ['active', 'disabled', 'locked', 'no-factor', 'never'] as const;
export type AccountState = (typeof accountStates)[number];

export const hasFactor = (a: Account) => a.totp || a.passkeys > 0;
export const isLocked = (a: Account, now: number) => a.lockedUntil !== undefined && Date.parse(a.lockedUntil) > now;

const inState: Record<AccountState, (a: Account, now: number) => boolean> = {
  active: (a) => !a.disabled,
  disabled: (a) => a.disabled,
  locked: isLocked,
  'no-factor': (a) => !a.disabled && !a.emergency && !hasFactor(a),
  never: (a) => !a.disabled && a.lastSignInAt === undefined,
};

export const isIn = (state: AccountState, a: Account, now: number) => inState[state](a, now);

/** Who of the accounts would have to set up a second factor if these roles needed one. */
export function affected(accounts: readonly Account[], now: readonly string[], next: readonly string[]): Account[] {
  const added = next.filter((role) => !now.includes(role));
  return accounts.filter((a) => added.includes(a.role) && isIn('no-factor', a, 0));
}

export const tokenStates = ['active', 'expiring', 'expired', 'revoked'] as const;
export type TokenState = Token['status'];

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const kept = <T extends object>(params: T): T => Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as T;

interface ListParams {
  q?: string | undefined;
  unit?: string | undefined;
  sort?: string | undefined;
  /** The row beside the list. */
  id?: string | undefined;
  /** What is open over the list. */
  do?: 'new' | undefined;
}

const listParams = (s: Record<string, unknown>): ListParams => ({
  q: text(s.q),
  unit: text(s.unit),
  sort: text(s.sort),
  id: text(s.id),
  do: s.do === 'new' ? 'new' : undefined,
});

export interface UsersParams extends ListParams {
  role?: string | undefined;
  state?: AccountState | undefined;
}

export const readUsersParams = (s: Record<string, unknown>): UsersParams =>
  kept({ ...listParams(s), role: text(s.role), state: accountStates.find((value) => value === s.state) });

export interface TokensParams extends ListParams {
  scope?: Token['scope'] | undefined;
  state?: TokenState | undefined;
}

export const readTokensParams = (s: Record<string, unknown>): TokensParams =>
  kept({
    ...listParams(s),
    scope: s.scope === 'api' || s.scope === 'ingest' ? s.scope : undefined,
    state: tokenStates.find((value) => value === s.state),
  });
