// What is done about it: incidents, duties, papers, warnings, exercises.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { readIncidentTab, readIncidentsParams } from '../../lib/incidentParams';
import { readMonth } from '../../lib/month';
import { text, whole } from './address';
import { root } from './root';

const obligationTabs = ['wall', 'year', 'duties', 'holidays'] as const;
const obligationViews = ['soon', 'late', 'sent', 'own', 'drill', 'any'] as const;
interface ObligationSearch {
  tab?: (typeof obligationTabs)[number] | undefined;
  view?: (typeof obligationViews)[number] | undefined;
  q?: string | undefined;
  sort?: string | undefined;
  id?: string | undefined;
  wall?: string | undefined;
}

const obligations = createRoute({
  getParentRoute: () => root,
  path: '/obligations',
  validateSearch: (s): ObligationSearch => {
    const tab = obligationTabs.find((name) => name === s.tab);
    const view = obligationViews.find((name) => name === s.view);
    return {
      ...(tab && { tab }),
      ...(view && { view }),
      ...(text(s.q) && { q: text(s.q) }),
      ...(text(s.sort) && { sort: text(s.sort) }),
      ...(text(s.id) && { id: text(s.id) }),
      ...(s.wall === '1' && { wall: '1' }),
    };
  },
  component: lazyRouteComponent(() => import('../../pages/obligations/ObligationsPage'), 'ObligationsPage'),
});

const documentTabs = ['book', 'templates'] as const;
const documentStates = ['draft', 'submitted', 'approved', 'sent', 'acknowledged', 'withdrawn'] as const;

const documents = createRoute({
  getParentRoute: () => root,
  path: '/documents',
  validateSearch: (s): { tab?: (typeof documentTabs)[number] | undefined; state?: (typeof documentStates)[number] | undefined; q?: string | undefined } => {
    const tab = documentTabs.find((name) => name === s.tab);
    const state = documentStates.find((name) => name === s.state);
    return { ...(tab && { tab }), ...(state && { state }), ...(text(s.q) && { q: text(s.q) }) };
  },
  component: lazyRouteComponent(() => import('../../pages/documents/DocumentsPage'), 'DocumentsPage'),
});

const documentRoute = createRoute({
  getParentRoute: () => root,
  path: '/documents/$id',
  component: lazyRouteComponent(() => import('../../pages/documents/DocumentPage'), 'DocumentPage'),
});

const agenda = createRoute({
  getParentRoute: () => root,
  path: '/agenda',
  validateSearch: (s): { month?: string | undefined; day?: string | undefined; kind?: string | undefined } => ({
    ...(readMonth(s.month) && { month: readMonth(s.month) }),
    ...(text(s.day) && { day: text(s.day) }),
    ...(text(s.kind) && { kind: text(s.kind) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/agenda/AgendaPage'), 'AgendaPage'),
});

const drills = createRoute({
  getParentRoute: () => root,
  path: '/drills',
  component: lazyRouteComponent(() => import('../../pages/drills/DrillsPage'), 'DrillsPage'),
});

const drill = createRoute({
  getParentRoute: () => root,
  path: '/drills/$id',
  component: lazyRouteComponent(() => import('../../pages/drills/DrillPage'), 'DrillPage'),
});

const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  validateSearch: readIncidentsParams,
  component: lazyRouteComponent(() => import('../../pages/incidents/IncidentsPage'), 'IncidentsPage'),
});

const newIncident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/new',
  validateSearch: (s): { unit?: string | undefined; from?: 'unit' } => ({ ...(text(s.unit) && { unit: text(s.unit) }), ...(s.from === 'unit' && { from: 'unit' as const }) }),
  component: lazyRouteComponent(() => import('../../pages/incidents/NewIncidentPage'), 'NewIncidentPage'),
});

const figureRanges = ['30', '90', '365'] as const;
const figureKinds = ['unit', 'category', 'severity'] as const;

const incidentFigures = createRoute({
  getParentRoute: () => root,
  path: '/incidents/figures',
  validateSearch: (s): { range?: (typeof figureRanges)[number] | undefined; by?: (typeof figureKinds)[number] | undefined } => {
    const range = figureRanges.find((name) => name === s.range);
    const by = figureKinds.find((name) => name === s.by);
    return { ...(range && { range }), ...(by && { by }) };
  },
  component: lazyRouteComponent(() => import('../../pages/incidents/FiguresPage'), 'FiguresPage'),
});

const incidentCatalogue = createRoute({
  getParentRoute: () => root,
  path: '/incidents/catalogue',
  validateSearch: (s): { tab?: 'schemes'; id?: string | undefined } => ({ ...(s.tab === 'schemes' && { tab: 'schemes' as const }), ...(text(s.id) && { id: text(s.id) }) }),
  component: lazyRouteComponent(() => import('../../pages/incidents/CataloguePage'), 'CataloguePage'),
});

const incident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/$id',
  validateSearch: readIncidentTab,
  component: lazyRouteComponent(() => import('../../pages/incidents/IncidentPage'), 'IncidentPage'),
});

const warningTabs = ['mine', 'all', 'figures'] as const;

const warnings = createRoute({
  getParentRoute: () => root,
  path: '/warnings',
  validateSearch: (
    s,
  ): { tab?: (typeof warningTabs)[number] | undefined; view?: string | undefined; state?: string | undefined; q?: string | undefined; drill?: string | undefined } => {
    const tab = warningTabs.find((name) => name === s.tab);
    return {
      ...(tab && { tab }),
      ...(text(s.view) && { view: text(s.view) }),
      ...(text(s.state) && { state: text(s.state) }),
      ...(text(s.q) && { q: text(s.q) }),
      ...(s.drill === '1' && { drill: '1' }),
    };
  },
  component: lazyRouteComponent(() => import('../../pages/warnings/WarningsPage'), 'WarningsPage'),
});

const newWarning = createRoute({
  getParentRoute: () => root,
  path: '/warnings/new',
  validateSearch: (s): { advisory?: string | undefined; finding?: string | undefined } => ({
    ...(text(s.advisory) && { advisory: text(s.advisory) }),
    ...(text(s.finding) && { finding: text(s.finding) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/warnings/NewWarningPage'), 'NewWarningPage'),
});

const warning = createRoute({
  getParentRoute: () => root,
  path: '/warnings/$id',
  component: lazyRouteComponent(() => import('../../pages/warnings/WarningPage'), 'WarningPage'),
});

const warningCopy = createRoute({
  getParentRoute: () => root,
  path: '/warnings/$id/$of',
  component: lazyRouteComponent(() => import('../../pages/warnings/CopyPage'), 'CopyPage'),
});

const responseTabs = ['team', 'calls', 'asks', 'network'] as const;

const response = createRoute({
  getParentRoute: () => root,
  path: '/response',
  validateSearch: (s): { tab?: (typeof responseTabs)[number] | undefined; id?: string | undefined } => {
    const tab = responseTabs.find((name) => name === s.tab);
    return { ...(tab && { tab }), ...(text(s.id) && { id: text(s.id) }) };
  },
  component: lazyRouteComponent(() => import('../../pages/response/ResponsePage'), 'ResponsePage'),
});

const advisoryTabs = ['advisories', 'software', 'sources'] as const;
const vulnerabilityViews = ['concerned', 'kev', 'likely', 'critical'] as const;
const advisoryFormats = ['csaf', 'cve'] as const;
const softwareOrigins = ['declared', 'inventory', 'components'] as const;
interface AdvisorySearch {
  origin?: (typeof softwareOrigins)[number] | undefined;
  tab?: (typeof advisoryTabs)[number] | undefined;
  view?: (typeof vulnerabilityViews)[number] | undefined;
  format?: (typeof advisoryFormats)[number] | undefined;
  q?: string | undefined;
  id?: string | undefined;
  page?: number | undefined;
}

const advisories = createRoute({
  getParentRoute: () => root,
  path: '/advisories',
  validateSearch: (s): AdvisorySearch => {
    const tab = advisoryTabs.find((name) => name === s.tab);
    const view = vulnerabilityViews.find((name) => name === s.view);
    const format = advisoryFormats.find((name) => name === s.format);
    const origin = softwareOrigins.find((name) => name === s.origin);
    return {
      ...(origin && { origin }),
      ...(tab && { tab }),
      ...(view && { view }),
      ...(format && { format }),
      ...(text(s.q) && { q: text(s.q) }),
      ...(text(s.id) && { id: text(s.id) }),
      ...(whole(s.page) && { page: whole(s.page) }),
    };
  },
  component: lazyRouteComponent(() => import('../../pages/advisories/AdvisoriesPage'), 'AdvisoriesPage'),
});

const advisory = createRoute({
  getParentRoute: () => root,
  path: '/advisories/$id',
  component: lazyRouteComponent(() => import('../../pages/advisories/AdvisoryPage'), 'AdvisoryPage'),
});

export const respondRoutes = [
  obligations,
  documents,
  documentRoute,
  agenda,
  drills,
  drill,
  incidents,
  newIncident,
  incidentFigures,
  incidentCatalogue,
  incident,
  warnings,
  newWarning,
  warning,
  warningCopy,
  response,
  advisories,
  advisory,
] as const;
