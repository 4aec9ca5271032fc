import { expect, test } from 'vitest';

import type { Account } from '../api/types';
import { affected, isIn, readTokensParams, readUsersParams } from './accounts';

const account = (change: Partial<Account>): Account => ({
  id: 'a',
  username: 'lan',
  displayName: 'Lan',
  mail: '',
  role: 'analyst',
  unit: 'trung-tam',
  disabled: false,
  status: 'active',
  mustChangePassword: false,
  emergency: false,
  createdAt: '2026-11-22T03:00:00.000Z',
  totp: false,
  passkeys: 0,
  needsFactor: false,
  sso: false,
  sessions: 0,
  failedAttempts: 0,
  ...change,
});

test('what an account is in', () => {
  const now = Date.parse('2026-11-22T04:00:00Z');
  expect(isIn('locked', account({ lockedUntil: '2026-11-22T04:00:01.000Z' }), now)).toBe(true);
  expect(isIn('locked', account({ lockedUntil: '2026-11-22T03:59:59.000Z' }), now)).toBe(false);
  expect(isIn('no-factor', account({}), now)).toBe(true);
  expect(isIn('no-factor', account({ passkeys: 1 }), now)).toBe(false);
  expect(isIn('no-factor', account({ emergency: true }), now)).toBe(false);
  expect(isIn('never', account({ disabled: true }), now)).toBe(false);
});

test('a policy concerns who has the role, has no factor and can sign in', () => {
  const people = [
    account({ id: '1' }),
    account({ id: '2', totp: true }),
    account({ id: '3', disabled: true }),
    account({ id: '4', role: 'auditor' }),
    account({ id: '5', role: 'leader' }),
  ];
  expect(affected(people, ['auditor'], ['auditor', 'analyst']).map((a) => a.id)).toEqual(['1']);
  expect(affected(people, ['auditor'], [])).toEqual([]);
});

test('the address keeps what is known', () => {
  expect(readUsersParams({ q: 'lan', state: 'locked', role: 'analyst', do: 'new', x: '1' })).toEqual({ q: 'lan', state: 'locked', role: 'analyst', do: 'new' });
  expect(readUsersParams({ state: 'odd', q: '' })).toEqual({});
  expect(readTokensParams({ scope: 'api', state: 'expiring', do: 'x' })).toEqual({ scope: 'api', state: 'expiring' });
});
