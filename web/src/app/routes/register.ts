// The register of systems, and what hangs on it.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { text, whole, yes } from './address';
import { root } from './root';

const province = createRoute({
  getParentRoute: () => root,
  path: '/province',
  component: lazyRouteComponent(() => import('../../pages/province/ProvincePage'), 'ProvincePage'),
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
  component: lazyRouteComponent(() => import('../../pages/dossiers/DossiersPage'), 'DossiersPage'),
});

const dossier = createRoute({
  getParentRoute: () => root,
  path: '/dossiers/$id',
  component: lazyRouteComponent(() => import('../../pages/dossiers/DossierPage'), 'DossierPage'),
});

const form08Counters = ['total', 'classified', 'written', 'appraised', 'approved', 'inspected', 'pending'] as const;

const form08 = createRoute({
  getParentRoute: () => root,
  path: '/form-08',
  validateSearch: (s): { year?: string | undefined; unit?: string | undefined; alone?: true | undefined; counter?: (typeof form08Counters)[number] | undefined; q?: string | undefined } => {
    const counter = form08Counters.find((name) => name === s.counter);
    const year = String(s.year as string | number);
    return { ...(/^20\d\d$/.test(year) && { year }), ...(text(s.unit) && { unit: text(s.unit), ...(yes(s.alone) && { alone: true as const }) }), ...(counter && { counter }), ...(text(s.q) && { q: text(s.q) }) };
  },
  component: lazyRouteComponent(() => import('../../pages/dossiers/Form08Page'), 'Form08Page'),
});

const requirementTabs = ['layers', 'unit', 'overrides', 'critical'] as const;
const requirements = createRoute({
  getParentRoute: () => root,
  path: '/requirements',
  validateSearch: (s: Record<string, unknown>): { tab?: (typeof requirementTabs)[number] | undefined } => {
    const tab = requirementTabs.find((one) => one === s.tab);
    return tab ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('../../pages/requirements/RequirementsPage'), 'RequirementsPage'),
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
  component: lazyRouteComponent(() => import('../../pages/systems/SystemsPage'), 'SystemsPage'),
});

const assetTabs = ['undeclared', 'endings'] as const;

const assets = createRoute({
  getParentRoute: () => root,
  path: '/assets',
  validateSearch: (s): { tab?: (typeof assetTabs)[number] | undefined } & Partial<Record<'q' | 'kind' | 'mark' | 'id', string | undefined>> => {
    const tab = assetTabs.find((name) => name === s.tab);
    return { ...(tab && { tab }), ...(text(s.q) && { q: text(s.q) }), ...(text(s.kind) && { kind: text(s.kind) }), ...(text(s.mark) && { mark: text(s.mark) }), ...(text(s.id) && { id: text(s.id) }) };
  },
  component: lazyRouteComponent(() => import('../../pages/systems/AssetsPage'), 'AssetsPage'),
});

const newSystem = createRoute({
  getParentRoute: () => root,
  path: '/systems/new',
  component: lazyRouteComponent(() => import('../../pages/systems/NewSystemPage'), 'NewSystemPage'),
});

const system = createRoute({
  getParentRoute: () => root,
  path: '/systems/$id',
  validateSearch: (s): { tab?: string | undefined; level?: number | undefined } => ({
    ...(text(s.tab) && { tab: text(s.tab) }),
    ...(whole(s.level) && { level: whole(s.level) }),
  }),
  component: lazyRouteComponent(() => import('../../pages/systems/SystemPage'), 'SystemPage'),
});

const inspectionTabs = ['findings', 'plan'] as const;

const inspections = createRoute({
  getParentRoute: () => root,
  path: '/inspections',
  validateSearch: (s): { tab?: (typeof inspectionTabs)[number] | undefined; year?: number | undefined } => {
    const tab = inspectionTabs.find((name) => name === s.tab);
    return { ...(tab && { tab }), ...(whole(s.year) && { year: whole(s.year) }) };
  },
  component: lazyRouteComponent(() => import('../../pages/inspections/InspectionsPage'), 'InspectionsPage'),
});

const inspection = createRoute({
  getParentRoute: () => root,
  path: '/inspections/$id',
  component: lazyRouteComponent(() => import('../../pages/inspections/InspectionPage'), 'InspectionPage'),
});

const findingSeverities = ['critical', 'high', 'medium', 'low', 'info'] as const;
const findingStates = ['new', 'open', 'reopened', 'fixed', 'accepted', 'false-positive', 'any'] as const;
const findingHappenings = ['found', 'fixed', 'reopened'] as const;
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
  /** What was found, mended or came back from, to. */
  happened?: (typeof findingHappenings)[number] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  id?: string | undefined;
  do?: 'import' | undefined;
}

const vulnerabilities = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities',
  validateSearch: (s): FindingsSearch => {
    const severity = findingSeverities.find((name) => name === s.severity);
    const state = findingStates.find((name) => name === s.state);
    const happened = findingHappenings.find((name) => name === s.happened);
    return {
      ...(text(s.q) && { q: text(s.q) }),
      ...(severity && { severity }),
      ...(state && { state }),
      ...(yes(s.kev) && { kev: true }),
      ...(yes(s.late) && { late: true }),
      ...(text(s.unit) && { unit: text(s.unit) }),
      ...(text(s.system) && { system: text(s.system) }),
      ...(text(s.import) && { import: text(s.import) }),
      ...(happened && text(s.from) && text(s.to) && { happened, from: text(s.from), to: text(s.to) }),
      ...(text(s.id) && { id: text(s.id) }),
      ...(s.do === 'import' && { do: 'import' }),
    };
  },
  component: lazyRouteComponent(() => import('../../pages/vulnerabilities/VulnerabilitiesPage'), 'VulnerabilitiesPage'),
});

const vulnerabilityImports = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities/imports',
  validateSearch: (s): { id?: string | undefined; unit?: string | undefined } => ({ ...(text(s.id) && { id: text(s.id) }), ...(text(s.unit) && { unit: text(s.unit) }) }),
  component: lazyRouteComponent(() => import('../../pages/vulnerabilities/ImportsPage'), 'ImportsPage'),
});

const cardRanges = ['30', '90', '365'] as const;
const vulnerabilityReport = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities/report',
  validateSearch: (s): { days?: (typeof cardRanges)[number] | undefined; unit?: string | undefined } => {
    const days = cardRanges.find((range) => range === String(s.days));
    return { ...(days && { days }), ...(text(s.unit) && { unit: text(s.unit) }) };
  },
  component: lazyRouteComponent(() => import('../../pages/vulnerabilities/ReportPage'), 'ReportPage'),
});

const vulnerability = createRoute({
  getParentRoute: () => root,
  path: '/vulnerabilities/$id',
  component: lazyRouteComponent(() => import('../../pages/vulnerabilities/FindingPage'), 'FindingPage'),
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
      ...(whole(s.page) && { page: whole(s.page) }),
    };
  },
  component: lazyRouteComponent(() => import('../../pages/antimalware/AntimalwarePage'), 'AntimalwarePage'),
});

export const registerRoutes = [
  province,
  dossiers,
  dossier,
  form08,
  requirements,
  systems,
  assets,
  newSystem,
  system,
  inspections,
  inspection,
  vulnerabilities,
  vulnerabilityImports,
  vulnerabilityReport,
  vulnerability,
  antimalware,
] as const;
