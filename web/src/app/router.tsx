// The pages and what each keeps in its address. Every page is a chunk of its
// own, fetched when first opened (or pointed at).
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, retainSearchParams } from '@tanstack/react-router';

import { readTokensParams, readUsersParams } from '../lib/accounts';
import { readAlertsParams } from '../lib/alertsParams';
import { readIncidentsParams, readIncidentTab } from '../lib/incidentParams';
import { readMonth } from '../lib/month';
import { readSearchParams } from '../lib/searchParams';
import { readUnitsParams } from '../lib/unitsParams';
import { ErrorState, Rows } from '../ui/State';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

interface Narrowed {
  /** The unit that the pages are narrowed to; it stays from page to page. */
  unit?: string | undefined;
}

const root = createRootRoute({
  validateSearch: (s): Narrowed => ({ ...(text(s.unit) && { unit: text(s.unit) }) }),
  search: { middlewares: [retainSearchParams<Narrowed>(['unit'])] },
  component: Shell,
  // The styles the pages share, before the first page that needs them.
  beforeLoad: async ({ location }) => {
    if (location.pathname !== '/') await import('./rest');
  },
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => (
    <div style={{ padding: 16 }}>
      <ErrorState error={error} retry={reset} />
    </div>
  ),
});

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (search): { range?: string } => {
    const range = text(search.range);
    return range ? { range } : {};
  },
  component: lazyRouteComponent(() => import('../pages/overview/OverviewPage'), 'OverviewPage'),
});

const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: readSearchParams,
  component: lazyRouteComponent(() => import('../pages/search/SearchPage'), 'SearchPage'),
});

const boards = createRoute({
  getParentRoute: () => root,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('../pages/dashboards/BoardsPage'), 'BoardsPage'),
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
  component: lazyRouteComponent(() => import('../pages/dashboards/BoardPage'), 'BoardPage'),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: readAlertsParams,
  component: lazyRouteComponent(() => import('../pages/alerts/AlertsPage'), 'AlertsPage'),
});

const alert = createRoute({
  getParentRoute: () => root,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('../pages/alerts/AlertPage'), 'AlertPage'),
});

const today = createRoute({
  getParentRoute: () => root,
  path: '/today',
  validateSearch: (s): { id?: string | undefined } => ({ ...(text(s.id) && { id: text(s.id) }) }),
  component: lazyRouteComponent(() => import('../pages/today/TodayPage'), 'TodayPage'),
});

const advisoryTabs = ['advisories', 'software', 'sources'] as const;
const vulnerabilityViews = ['concerned', 'kev', 'likely', 'critical'] as const;
const advisoryFormats = ['csaf', 'cve'] as const;
interface AdvisorySearch {
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
    return {
      ...(tab && { tab }),
      ...(view && { view }),
      ...(format && { format }),
      ...(text(s.q) && { q: text(s.q) }),
      ...(text(s.id) && { id: text(s.id) }),
      ...(Number.isInteger(s.page) && Number(s.page) > 0 && { page: Number(s.page) }),
    };
  },
  component: lazyRouteComponent(() => import('../pages/advisories/AdvisoriesPage'), 'AdvisoriesPage'),
});

const advisory = createRoute({
  getParentRoute: () => root,
  path: '/advisories/$id',
  component: lazyRouteComponent(() => import('../pages/advisories/AdvisoryPage'), 'AdvisoryPage'),
});

const findingSeverities = ['critical', 'high', 'medium', 'low', 'info'] as const;
const findingStates = ['new', 'open', 'reopened', 'fixed', 'accepted', 'false-positive', 'any'] as const;
interface FindingsSearch {
  q?: string | undefined;
  severity?: (typeof findingSeverities)[number] | undefined;
  state?: (typeof findingStates)[number] | undefined;
  kev?: boolean | undefined;
  late?: boolean | undefined;
  unit?: string | undefined;
  system?: string | undefined;
  /** What this imported report saw last. */
  import?: string | undefined;
  id?: string | undefined;
  do?: 'import' | undefined;
}

const vulnerabilities = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities',
  validateSearch: (s): FindingsSearch => {
    const severity = findingSeverities.find((name) => name === s.severity);
    const state = findingStates.find((name) => name === s.state);
    return {
      ...(text(s.q) && { q: text(s.q) }),
      ...(severity && { severity }),
      ...(state && { state }),
      ...((s.kev === true || s.kev === 'true') && { kev: true }),
      ...((s.late === true || s.late === 'true') && { late: true }),
      ...(text(s.unit) && { unit: text(s.unit) }),
      ...(text(s.system) && { system: text(s.system) }),
      ...(text(s.import) && { import: text(s.import) }),
      ...(text(s.id) && { id: text(s.id) }),
      ...(s.do === 'import' && { do: 'import' }),
    };
  },
  component: lazyRouteComponent(() => import('../pages/vulnerabilities/VulnerabilitiesPage'), 'VulnerabilitiesPage'),
});

const vulnerabilityImports = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities/imports',
  validateSearch: (s): { id?: string | undefined; unit?: string | undefined } => ({ ...(text(s.id) && { id: text(s.id) }), ...(text(s.unit) && { unit: text(s.unit) }) }),
  component: lazyRouteComponent(() => import('../pages/vulnerabilities/ImportsPage'), 'ImportsPage'),
});

const cardRanges = ['30', '90', '365'] as const;
const vulnerabilityReport = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities/report',
  validateSearch: (s): { days?: (typeof cardRanges)[number] | undefined; unit?: string | undefined } => {
    const days = cardRanges.find((range) => range === String(s.days));
    return { ...(days && { days }), ...(text(s.unit) && { unit: text(s.unit) }) };
  },
  component: lazyRouteComponent(() => import('../pages/vulnerabilities/ReportPage'), 'ReportPage'),
});

const vulnerability = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities/$id',
  component: lazyRouteComponent(() => import('../pages/vulnerabilities/FindingPage'), 'FindingPage'),
});

const inspectionTabs = ['findings', 'plan'] as const;

const inspections = createRoute({
  getParentRoute: () => root,
  path: '/inspections',
  validateSearch: (s): { tab?: (typeof inspectionTabs)[number] | undefined; year?: number | undefined } => {
    const tab = inspectionTabs.find((name) => name === s.tab);
    return { ...(tab && { tab }), ...(Number.isInteger(s.year) && { year: Number(s.year) }) };
  },
  component: lazyRouteComponent(() => import('../pages/inspections/InspectionsPage'), 'InspectionsPage'),
});

const inspection = createRoute({
  getParentRoute: () => root,
  path: '/inspections/$id',
  component: lazyRouteComponent(() => import('../pages/inspections/InspectionPage'), 'InspectionPage'),
});

const antimalwareTabs = ['hosts', 'infections', 'campaigns'] as const;
const machineKinds = ['server', 'workstation', 'other'] as const;
const malwareStates = ['covered', 'stale', 'bare', 'infected', 'old', 'open', 'cleaned', 'dismissed'] as const;
interface AntimalwareSearch {
  tab?: (typeof antimalwareTabs)[number] | undefined;
  kind?: (typeof machineKinds)[number] | undefined;
  state?: (typeof malwareStates)[number] | undefined;
  q?: string | undefined;
  id?: string | undefined;
  page?: number | undefined;
}

const antimalware = createRoute({
  getParentRoute: () => root,
  path: '/antimalware',
  validateSearch: (s): AntimalwareSearch => {
    const tab = antimalwareTabs.find((name) => name === s.tab);
    const kind = machineKinds.find((name) => name === s.kind);
    const state = malwareStates.find((name) => name === s.state);
    return {
      ...(tab && { tab }),
      ...(kind && { kind }),
      ...(state && { state }),
      ...(text(s.q) && { q: text(s.q) }),
      ...(text(s.id) && { id: text(s.id) }),
      ...(Number.isInteger(s.page) && Number(s.page) > 0 && { page: Number(s.page) }),
    };
  },
  component: lazyRouteComponent(() => import('../pages/antimalware/AntimalwarePage'), 'AntimalwarePage'),
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
  component: lazyRouteComponent(() => import('../pages/exclusions/ExclusionsPage'), 'ExclusionsPage'),
});

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
  component: lazyRouteComponent(() => import('../pages/obligations/ObligationsPage'), 'ObligationsPage'),
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
  component: lazyRouteComponent(() => import('../pages/documents/DocumentsPage'), 'DocumentsPage'),
});

const documentRoute = createRoute({
  getParentRoute: () => root,
  path: '/documents/$id',
  component: lazyRouteComponent(() => import('../pages/documents/DocumentPage'), 'DocumentPage'),
});

const province = createRoute({
  getParentRoute: () => root,
  path: '/province',
  component: lazyRouteComponent(() => import('../pages/province/ProvincePage'), 'ProvincePage'),
});

const agenda = createRoute({
  getParentRoute: () => root,
  path: '/agenda',
  validateSearch: (s): { month?: string | undefined; day?: string | undefined; kind?: string | undefined } => ({
    ...(readMonth(s.month) && { month: readMonth(s.month) }),
    ...(text(s.day) && { day: text(s.day) }),
    ...(text(s.kind) && { kind: text(s.kind) }),
  }),
  component: lazyRouteComponent(() => import('../pages/agenda/AgendaPage'), 'AgendaPage'),
});

const dossierStates = ['open', 'draft', 'sent', 'appraising', 'judged', 'approved', 'withdrawn'] as const;

const dossiers = createRoute({
  getParentRoute: () => root,
  path: '/dossiers',
  validateSearch: (s): { state?: (typeof dossierStates)[number] | undefined; level?: string | undefined; late?: '1' | undefined; q?: string | undefined; system?: string | undefined; begin?: string | undefined } => {
    const state = dossierStates.find((name) => name === s.state);
    const level = String(s.level as string | number);
    return {
      ...(state && { state }),
      ...(/^[1-5]$/.test(level) && { level }),
      ...(String(s.late) === '1' && { late: '1' as const }),
      ...(text(s.q) && { q: text(s.q) }),
      ...(text(s.system) && { system: text(s.system) }),
      ...(text(s.begin) && { begin: text(s.begin) }),
    };
  },
  component: lazyRouteComponent(() => import('../pages/dossiers/DossiersPage'), 'DossiersPage'),
});

const dossier = createRoute({
  getParentRoute: () => root,
  path: '/dossiers/$id',
  component: lazyRouteComponent(() => import('../pages/dossiers/DossierPage'), 'DossierPage'),
});

const form08Counters = ['total', 'classified', 'written', 'appraised', 'approved', 'inspected', 'pending'] as const;

const form08 = createRoute({
  getParentRoute: () => root,
  path: '/form-08',
  validateSearch: (s): { year?: string | undefined; unit?: string | undefined; counter?: (typeof form08Counters)[number] | undefined; q?: string | undefined } => {
    const counter = form08Counters.find((name) => name === s.counter);
    const year = String(s.year as string | number);
    return { ...(/^20\d\d$/.test(year) && { year }), ...(text(s.unit) && { unit: text(s.unit) }), ...(counter && { counter }), ...(text(s.q) && { q: text(s.q) }) };
  },
  component: lazyRouteComponent(() => import('../pages/dossiers/Form08Page'), 'Form08Page'),
});

const drills = createRoute({
  getParentRoute: () => root,
  path: '/drills',
  component: lazyRouteComponent(() => import('../pages/drills/DrillsPage'), 'DrillsPage'),
});

const drill = createRoute({
  getParentRoute: () => root,
  path: '/drills/$id',
  component: lazyRouteComponent(() => import('../pages/drills/DrillPage'), 'DrillPage'),
});

const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  validateSearch: readIncidentsParams,
  component: lazyRouteComponent(() => import('../pages/incidents/IncidentsPage'), 'IncidentsPage'),
});

const newIncident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/new',
  validateSearch: (s): { unit?: string | undefined; from?: 'unit' } => ({ ...(text(s.unit) && { unit: text(s.unit) }), ...(s.from === 'unit' && { from: 'unit' as const }) }),
  component: lazyRouteComponent(() => import('../pages/incidents/NewIncidentPage'), 'NewIncidentPage'),
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
  component: lazyRouteComponent(() => import('../pages/incidents/FiguresPage'), 'FiguresPage'),
});

const incidentCatalogue = createRoute({
  getParentRoute: () => root,
  path: '/incidents/catalogue',
  validateSearch: (s): { tab?: 'schemes'; id?: string | undefined } => ({ ...(s.tab === 'schemes' && { tab: 'schemes' as const }), ...(text(s.id) && { id: text(s.id) }) }),
  component: lazyRouteComponent(() => import('../pages/incidents/CataloguePage'), 'CataloguePage'),
});

const incident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/$id',
  validateSearch: readIncidentTab,
  component: lazyRouteComponent(() => import('../pages/incidents/IncidentPage'), 'IncidentPage'),
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
  component: lazyRouteComponent(() => import('../pages/warnings/WarningsPage'), 'WarningsPage'),
});

const newWarning = createRoute({
  getParentRoute: () => root,
  path: '/warnings/new',
  validateSearch: (s): { advisory?: string | undefined; finding?: string | undefined } => ({
    ...(text(s.advisory) && { advisory: text(s.advisory) }),
    ...(text(s.finding) && { finding: text(s.finding) }),
  }),
  component: lazyRouteComponent(() => import('../pages/warnings/NewWarningPage'), 'NewWarningPage'),
});

const warning = createRoute({
  getParentRoute: () => root,
  path: '/warnings/$id',
  component: lazyRouteComponent(() => import('../pages/warnings/WarningPage'), 'WarningPage'),
});

const warningCopy = createRoute({
  getParentRoute: () => root,
  path: '/warnings/$id/$of',
  component: lazyRouteComponent(() => import('../pages/warnings/CopyPage'), 'CopyPage'),
});

const responseTabs = ['team', 'calls', 'asks', 'network'] as const;

const requirementTabs = ['layers', 'unit', 'overrides', 'critical'] as const;
const requirements = createRoute({
  getParentRoute: () => root,
  path: '/requirements',
  validateSearch: (s: Record<string, unknown>): { tab?: (typeof requirementTabs)[number] | undefined } => {
    const tab = requirementTabs.find((one) => one === s.tab);
    return tab ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('../pages/requirements/RequirementsPage'), 'RequirementsPage'),
});

const systems = createRoute({
  getParentRoute: () => root,
  path: '/systems',
  validateSearch: (s): Partial<Record<'q' | 'state' | 'type' | 'level', string | undefined>> => ({
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.state) && { state: text(s.state) }),
    ...(text(s.type) && { type: text(s.type) }),
    ...(text(s.level) && { level: text(s.level) }),
  }),
  component: lazyRouteComponent(() => import('../pages/systems/SystemsPage'), 'SystemsPage'),
});

const assetTabs = ['undeclared', 'endings'] as const;

const assets = createRoute({
  getParentRoute: () => root,
  path: '/assets',
  validateSearch: (s): { tab?: (typeof assetTabs)[number] | undefined } & Partial<Record<'q' | 'kind' | 'mark' | 'id', string | undefined>> => {
    const tab = assetTabs.find((name) => name === s.tab);
    return { ...(tab && { tab }), ...(text(s.q) && { q: text(s.q) }), ...(text(s.kind) && { kind: text(s.kind) }), ...(text(s.mark) && { mark: text(s.mark) }), ...(text(s.id) && { id: text(s.id) }) };
  },
  component: lazyRouteComponent(() => import('../pages/systems/AssetsPage'), 'AssetsPage'),
});

const newSystem = createRoute({
  getParentRoute: () => root,
  path: '/systems/new',
  component: lazyRouteComponent(() => import('../pages/systems/NewSystemPage'), 'NewSystemPage'),
});

const system = createRoute({
  getParentRoute: () => root,
  path: '/systems/$id',
  validateSearch: (s): { tab?: string | undefined } => ({ ...(text(s.tab) && { tab: text(s.tab) }) }),
  component: lazyRouteComponent(() => import('../pages/systems/SystemPage'), 'SystemPage'),
});

const response = createRoute({
  getParentRoute: () => root,
  path: '/response',
  validateSearch: (s): { tab?: (typeof responseTabs)[number] | undefined; id?: string | undefined } => {
    const tab = responseTabs.find((name) => name === s.tab);
    return { ...(tab && { tab }), ...(text(s.id) && { id: text(s.id) }) };
  },
  component: lazyRouteComponent(() => import('../pages/response/ResponsePage'), 'ResponsePage'),
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
  component: lazyRouteComponent(() => import('../pages/sources/SourcesPage'), 'SourcesPage'),
});

const connect = createRoute({
  getParentRoute: () => root,
  path: '/sources/connect',
  validateSearch: (s): { device?: string | undefined } => ({ ...(text(s.device) && { device: text(s.device) }) }),
  component: lazyRouteComponent(() => import('../pages/connect/ConnectPage'), 'ConnectPage'),
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
  component: lazyRouteComponent(() => import('../pages/connect/EnrolmentsPage'), 'EnrolmentsPage'),
});

const uploads = createRoute({
  getParentRoute: () => root,
  path: '/sources/uploads',
  validateSearch: (s): { status?: string | undefined; id?: string | undefined; sort?: string | undefined } => ({
    ...(text(s.sort) && { sort: text(s.sort) }),
    ...(text(s.status) && { status: text(s.status) }),
    ...(text(s.id) && { id: text(s.id) }),
  }),
  component: lazyRouteComponent(() => import('../pages/upload/UploadsPage'), 'UploadsPage'),
});

const notifications = createRoute({
  getParentRoute: () => root,
  path: '/notifications',
  validateSearch: (s): { tab?: string | undefined } => ({ ...(text(s.tab) && { tab: text(s.tab) }) }),
  component: lazyRouteComponent(() => import('../pages/notifications/NotificationsPage'), 'NotificationsPage'),
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
  component: lazyRouteComponent(() => import('../pages/rules/RulesPage'), 'RulesPage'),
});

const rule = createRoute({
  getParentRoute: () => root,
  path: '/rules/$id',
  component: lazyRouteComponent(() => import('../pages/rules/RulePage'), 'RulePage'),
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
  component: lazyRouteComponent(() => import('../pages/attack/AttackPage'), 'AttackPage'),
});

const entity = createRoute({
  getParentRoute: () => root,
  path: '/entities/$type/$value',
  validateSearch: (s): { range?: string | undefined } => ({ ...(text(s.range) && { range: text(s.range) }) }),
  component: lazyRouteComponent(() => import('../pages/entity/EntityPage'), 'EntityPage'),
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
  component: lazyRouteComponent(() => import('../pages/users/UsersPage'), 'UsersPage'),
});

const user = createRoute({
  getParentRoute: () => root,
  path: '/admin/users/$id',
  component: lazyRouteComponent(() => import('../pages/users/UserPage'), 'UserPage'),
});

const roles = createRoute({
  getParentRoute: () => root,
  path: '/admin/roles',
  validateSearch: (s): { q?: string | undefined; role?: string | undefined } => ({
    ...(text(s.q) && { q: text(s.q) }),
    ...(text(s.role) && { role: text(s.role) }),
  }),
  component: lazyRouteComponent(() => import('../pages/users/RolesPage'), 'RolesPage'),
});

const units = createRoute({
  getParentRoute: () => root,
  path: '/units',
  validateSearch: readUnitsParams,
  component: lazyRouteComponent(() => import('../pages/units/UnitsPage'), 'UnitsPage'),
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
  component: lazyRouteComponent(() => import('../pages/tokens/TokensPage'), 'TokensPage'),
});

const token = createRoute({
  getParentRoute: () => root,
  path: '/admin/tokens/$id',
  component: lazyRouteComponent(() => import('../pages/tokens/TokenPage'), 'TokenPage'),
});

const policy = createRoute({
  getParentRoute: () => root,
  path: '/admin/policy',
  component: lazyRouteComponent(() => import('../pages/policy/PolicyPage'), 'PolicyPage'),
});

const retention = createRoute({
  getParentRoute: () => root,
  path: '/admin/retention',
  validateSearch: (s): { tab?: 'holds' | 'deletions' } => ({ ...((s.tab === 'holds' || s.tab === 'deletions') && { tab: s.tab }) }),
  component: lazyRouteComponent(() => import('../pages/admin/RetentionPage'), 'RetentionPage'),
});

const auditKeys = ['q', 'actor', 'action', 'object', 'ip', 'refused', 'from', 'to', 'open'] as const;
type AuditSearch = Partial<Record<(typeof auditKeys)[number], string>>;

const audit = createRoute({
  getParentRoute: () => root,
  path: '/admin/audit',
  validateSearch: (s): AuditSearch =>
    Object.fromEntries(auditKeys.flatMap((name) => (text(s[name]) ? [[name, text(s[name])]] : []))),
  component: lazyRouteComponent(() => import('../pages/audit/AuditPage'), 'AuditPage'),
});

const style = createRoute({
  getParentRoute: () => root,
  path: '/style',
  component: lazyRouteComponent(() => import('../pages/style/StylePage'), 'StylePage'),
});

const profile = createRoute({
  getParentRoute: () => root,
  path: '/profile',
  component: lazyRouteComponent(() => import('../pages/identity/ProfilePage'), 'ProfilePage'),
});

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([
      notifications,
      overview,
      boards,
      board,
      search,
      alerts,
      alert,
      today,
      exclusions,
      advisories,
      advisory,
      vulnerabilities,
      vulnerabilityImports,
      vulnerabilityReport,
      vulnerability,
      antimalware,
      inspections,
      inspection,
      obligations,
      documents,
      documentRoute,
      agenda,
      province,
      response,
      dossiers,
      dossier,
      form08,
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
      requirements,
      systems,
      assets,
      newSystem,
      system,
      sources,
      connect,
      enrolments,
      uploads,
      rules,
      rule,
      attack,
      entity,
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
    ]),
    defaultPreload: 'intent',
    defaultPendingComponent: () => <Rows count={8} />,
    scrollRestoration: true,
    // Plain names and values, so that people can read and write the address.
    parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
    stringifySearch: (values) => {
      const params = new URLSearchParams();
      for (const [name, value] of Object.entries(values)) {
        if (typeof value === 'string' && value !== '') params.set(name, value);
      }
      const query = params.toString();
      return query ? `?${query}` : '';
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
