// Who may do what, and how the centre is set.
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';

import { readTokensParams, readUsersParams } from '../../lib/accounts';
import { readUnitsParams } from '../../lib/unitsParams';
import { text } from './address';
import { root } from './root';

const notifications = createRoute({
  getParentRoute: () => root,
  path: '/notifications',
  validateSearch: (s): { tab?: string | undefined } => ({ ...(text(s.tab) && { tab: text(s.tab) }) }),
  component: lazyRouteComponent(() => import('../../pages/notifications/NotificationsPage'), 'NotificationsPage'),
});

const admin = createRoute({
  getParentRoute: () => root,
  path: '/admin',
  beforeLoad: () => {
    throw redirect({ to: '/admin/users' });
  },
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/admin/users',
  validateSearch: readUsersParams,
  component: lazyRouteComponent(() => import('../../pages/users/UsersPage'), 'UsersPage'),
});

const user = createRoute({
  getParentRoute: () => root,
  path: '/admin/users/$id',
  component: lazyRouteComponent(() => import('../../pages/users/UserPage'), 'UserPage'),
});

const roles = createRoute({
  getParentRoute: () => root,
  path: '/admin/roles',
  validateSearch: (s): { q?: string | undefined; role?: string | undefined } => ({
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.role) && { role: text(s.role) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/users/RolesPage'), 'RolesPage'),
});

const units = createRoute({
  getParentRoute: () => root,
  path: '/units',
  validateSearch: readUnitsParams,
  component: lazyRouteComponent(() => import('../../pages/units/UnitsPage'), 'UnitsPage'),
});

// Where units were before they had a page of their own.
const adminUnits = createRoute({
  getParentRoute: () => root,
  path: '/admin/units',
  beforeLoad: () => {
    throw redirect({ to: '/units' });
  },
});

const tokens = createRoute({
  getParentRoute: () => root,
  path: '/admin/tokens',
  validateSearch: readTokensParams,
  component: lazyRouteComponent(() => import('../../pages/tokens/TokensPage'), 'TokensPage'),
});

const token = createRoute({
  getParentRoute: () => root,
  path: '/admin/tokens/$id',
  component: lazyRouteComponent(() => import('../../pages/tokens/TokenPage'), 'TokenPage'),
});

const policy = createRoute({
  getParentRoute: () => root,
  path: '/admin/policy',
  component: lazyRouteComponent(() => import('../../pages/policy/PolicyPage'), 'PolicyPage'),
});

const retention = createRoute({
  getParentRoute: () => root,
  path: '/admin/retention',
  validateSearch: (s): { tab?: 'holds' | 'deletions' } => ({ ...((s.tab === 'holds' || s.tab === 'deletions') && { tab: s.tab }) }),
  component: lazyRouteComponent(() => import('../../pages/admin/RetentionPage'), 'RetentionPage'),
});

const auditKeys = ['q', 'actor', 'action', 'object', 'ip', 'refused', 'from', 'to', 'open'] as const;
type AuditSearch = Partial<Record<(typeof auditKeys)[number], string>>;

const audit = createRoute({
  getParentRoute: () => root,
  path: '/admin/audit',
  validateSearch: (s): AuditSearch =>
    Object.fromEntries(auditKeys.flatMap((name) => (text(s[name]) ? [[name, text(s[name])]] : []))),
  component: lazyRouteComponent(() => import('../../pages/audit/AuditPage'), 'AuditPage'),
});

const style = createRoute({
  getParentRoute: () => root,
  path: '/style',
  component: lazyRouteComponent(() => import('../../pages/style/StylePage'), 'StylePage'),
});

const profile = createRoute({
  getParentRoute: () => root,
  path: '/profile',
  component: lazyRouteComponent(() => import('../../pages/identity/ProfilePage'), 'ProfilePage'),
});

export const administerRoutes = [
  notifications,
  admin,
  users,
  user,
  roles,
  units,
  adminUnits,
  tokens,
  token,
  policy,
  retention,
  audit,
  style,
  profile,
] as const;
