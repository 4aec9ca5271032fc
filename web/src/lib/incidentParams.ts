// What the pages of incidents keep in their addresses.
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export const phases = ['detect', 'preserve', 'isolate', 'analyse', 'recover', 'root-cause', 'closed'] as const;
export type Phase = (typeof phases)[number];
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** The ways to look at the queue; the first is the usual one. */
export const incidentViews = ['open', 'mine', 'unled', 'grave', 'shared', 'drill', 'closed'] as const;
export type IncidentView = (typeof incidentViews)[number];

export interface IncidentsParams {
  view?: Exclude<IncidentView, 'open'> | undefined;
  phase?: Phase | undefined;
  /** Comma separated. */
  severity?: string | undefined;
  category?: string | undefined;
  unit?: string | undefined;
  q?: string | undefined;
  sort?: string | undefined;
  /** The list behind a number of the figures: detected from and before, in which something happened. */
  detected?: string | undefined;
  until?: string | undefined;
  reached?: Reached | undefined;
}

export const reachedSteps = ['acknowledged', 'contained', 'recovered'] as const;
export type Reached = (typeof reachedSteps)[number];

export const splitSeverities = (value: string | undefined): Severity[] => severities.filter((one) => (value ?? '').split(',').includes(one));

const compact = <T extends object>(params: T): T => Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as T;

const moment = (value: unknown) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined);

export function readIncidentsParams(search: Record<string, unknown>): IncidentsParams {
  return compact<IncidentsParams>({
    view: incidentViews.find((value): value is Exclude<IncidentView, 'open'> => value !== 'open' && value === search.view),
    phase: phases.find((value) => value === search.phase),
    severity: splitSeverities(text(search.severity)).join(',') || undefined,
    category: text(search.category),
    unit: text(search.unit),
    q: text(search.q),
    detected: moment(search.detected),
    until: moment(search.until),
    reached: reachedSteps.find((value) => value === search.reached),
    sort: ['-opened', '-changed', '-severity'].includes(String(search.sort)) ? text(search.sort) : undefined,
  });
}

/** What the server is asked for. */
export function incidentFilter({ view, phase, severity, category, unit, q, sort, detected, until, reached }: IncidentsParams) {
  return {
    phase,
    severity,
    category,
    unit,
    q,
    sort: sort?.slice(1),
    ...(view === 'mine' && { lead: 'me' }),
    ...(view === 'unled' && { lead: 'none' }),
    ...(view === 'grave' && { grave: true }),
    ...(view === 'shared' && { shared: true }),
    ...(view === 'drill' && { drill: true, status: 'any' }),
    ...(view === 'closed' && { status: 'closed' }),
    ...(detected !== undefined && until !== undefined && { status: 'any', counted: true, detectedFrom: detected, detectedTo: until, reached }),
  };
}

export const isIncidentsNarrowed = ({ phase, severity, category, unit, q }: IncidentsParams) => [phase, severity, category, unit, q].some((value) => value !== undefined);

export const incidentTabs = ['overview', 'tasks', 'timeline', 'alerts', 'observables', 'files', 'obligations', 'documents', 'sharing'] as const;
export type IncidentTab = (typeof incidentTabs)[number];

export const readIncidentTab = (search: Record<string, unknown>): { tab?: IncidentTab | undefined } => {
  const tab = incidentTabs.find((value) => value === search.tab);
  return tab && tab !== 'overview' ? { tab } : {};
};
