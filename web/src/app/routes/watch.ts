// What is seen: events, alerts, rules, and where they come from.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { readAlertsParams } from '../../lib/alertsParams';
import { readSearchParams } from '../../lib/searchParams';
import { text } from './address';
import { root } from './root';

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (search): { range?: string } => {
    const range = text(search.range);
    return range ? { range } : {};
  },
  component: lazyRouteComponent(() => import('../../pages/overview/OverviewPage'), 'OverviewPage'),
});

const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: readSearchParams,
  component: lazyRouteComponent(() => import('../../pages/search/SearchPage'), 'SearchPage'),
});

const boards = createRoute({
  getParentRoute: () => root,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('../../pages/dashboards/BoardsPage'), 'BoardsPage'),
});

interface BoardSearch {
  range?: string | undefined;
  unit?: string | undefined;
  /** The wall screen, see display.ts; the boards that take turns, and the seconds each stays. */
  wall?: string | undefined;
  turns?: string | undefined;
  every?: string | undefined;
}

const board = createRoute({
  getParentRoute: () => root,
  path: '/dashboards/$id',
  validateSearch: (s): BoardSearch => {
    const kept: BoardSearch = {};
    for (const name of ['range', 'unit', 'wall', 'turns', 'every'] as const) {
      const value = text(s[name]);
      if (value) kept[name] = value;
    }
    return kept;
  },
  component: lazyRouteComponent(() => import('../../pages/dashboards/BoardPage'), 'BoardPage'),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: readAlertsParams,
  component: lazyRouteComponent(() => import('../../pages/alerts/AlertsPage'), 'AlertsPage'),
});

const alert = createRoute({
  getParentRoute: () => root,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('../../pages/alerts/AlertPage'), 'AlertPage'),
});

const today = createRoute({
  getParentRoute: () => root,
  path: '/today',
  validateSearch: (s): { id?: string | undefined } => ({ ...(text(s.id) && { id: text(s.id) }) }),
  component: lazyRouteComponent(() => import('../../pages/today/TodayPage'), 'TodayPage'),
});

const exclusions = createRoute({
  getParentRoute: () => root,
  path: '/exclusions',
  validateSearch: (s): { state?: string | undefined; ending?: string | undefined; q?: string | undefined; sort?: string | undefined; id?: string | undefined } => ({
    ...(s.ending === '1' && { ending: '1' }),
    ...(text(s.state) && { state: text(s.state) }),
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.sort) && { sort: text(s.sort) }),
    ...(text(s.id) && { id: text(s.id) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/exclusions/ExclusionsPage'), 'ExclusionsPage'),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: (
    s,
  ): {
    q?: string | undefined;
    level?: string | undefined;
    product?: string | undefined;
    state?: 'on' | 'off' | undefined;
    tag?: string | undefined;
    sort?: string | undefined;
    id?: string | undefined;
    tab?: 'refused' | 'trial' | undefined;
  } => ({
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.level) && { level: text(s.level) }),
    ...(text(s.product) && { product: text(s.product) }),
    ...((s.state === 'on' || s.state === 'off') && { state: s.state }),
    ...(text(s.tag) && { tag: text(s.tag) }),
    ...(text(s.sort) && { sort: text(s.sort) }),
    ...(text(s.id) && { id: text(s.id) }),
    ...((s.tab === 'refused' || s.tab === 'trial') && { tab: s.tab }),
  }),
  component: lazyRouteComponent(() => import('../../pages/rules/RulesPage'), 'RulesPage'),
});

const rule = createRoute({
  getParentRoute: () => root,
  path: '/rules/$id',
  component: lazyRouteComponent(() => import('../../pages/rules/RulePage'), 'RulePage'),
});

const attack = createRoute({
  getParentRoute: () => root,
  path: '/attack',
  validateSearch: (
    s,
  ): {
    range?: string | undefined;
    unit?: string | undefined;
    product?: string | undefined;
    level?: string | undefined;
    heat?: 'hits' | undefined;
    q?: string | undefined;
    id?: string | undefined;
  } => ({
    ...(text(s.range) && { range: text(s.range) }),
    ...(text(s.unit) && { unit: text(s.unit) }),
    ...(text(s.product) && { product: text(s.product) }),
    ...(text(s.level) && { level: text(s.level) }),
    ...(s.heat === 'hits' && { heat: s.heat }),
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.id) && { id: text(s.id) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/attack/AttackPage'), 'AttackPage'),
});

const entity = createRoute({
  getParentRoute: () => root,
  path: '/entities/$type/$value',
  validateSearch: (s): { range?: string | undefined } => ({ ...(text(s.range) && { range: text(s.range) }) }),
  component: lazyRouteComponent(() => import('../../pages/entity/EntityPage'), 'EntityPage'),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  validateSearch: (s): { tab?: 'unparsed' | 'relays'; q?: string | undefined; status?: string | undefined; id?: string | undefined; sort?: string | undefined } => ({
    ...(text(s.sort) && { sort: text(s.sort) }),
    ...((s.tab === 'unparsed' || s.tab === 'relays') && { tab: s.tab }),
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.status) && { status: text(s.status) }),
    ...(text(s.id) && { id: text(s.id) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/sources/SourcesPage'), 'SourcesPage'),
});

const connect = createRoute({
  getParentRoute: () => root,
  path: '/sources/connect',
  validateSearch: (s): { device?: string | undefined } => ({ ...(text(s.device) && { device: text(s.device) }) }),
  component: lazyRouteComponent(() => import('../../pages/connect/ConnectPage'), 'ConnectPage'),
});

const enrolments = createRoute({
  getParentRoute: () => root,
  path: '/sources/enrolments',
  validateSearch: (s): { status?: string | undefined; q?: string | undefined; soon?: string | undefined; id?: string | undefined; sort?: string | undefined } => ({
    ...(text(s.sort) && { sort: text(s.sort) }),
    ...(text(s.status) && { status: text(s.status) }),
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.soon) && { soon: text(s.soon) }),
    ...(text(s.id) && { id: text(s.id) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/connect/EnrolmentsPage'), 'EnrolmentsPage'),
});

const uploads = createRoute({
  getParentRoute: () => root,
  path: '/sources/uploads',
  validateSearch: (s): { status?: string | undefined; id?: string | undefined; sort?: string | undefined } => ({
    ...(text(s.sort) && { sort: text(s.sort) }),
    ...(text(s.status) && { status: text(s.status) }),
    ...(text(s.id) && { id: text(s.id) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/upload/UploadsPage'), 'UploadsPage'),
});

export const watchRoutes = [
  overview,
  search,
  boards,
  board,
  alerts,
  alert,
  today,
  exclusions,
  rules,
  rule,
  attack,
  entity,
  sources,
  connect,
  enrolments,
  uploads,
] as const;
