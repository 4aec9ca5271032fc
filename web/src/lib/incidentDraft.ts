// What people edit of an incident: a copy they change, what of it changed, and
// where two people changed the same.
import type { AffectedSystem, IncidentDetail } from '../api/incidentQueries';

export const flags = ['grave', 'nationalSecurity', 'severeDisruption', 'personalData', 'specialPersonalData', 'complex', 'emergencyMonitoring'] as const;
export type Flag = (typeof flags)[number];
export const moments = ['detectedAt', 'confirmedAt', 'containedAt', 'recoveredAt'] as const;
export type Moment = (typeof moments)[number];
export const texts = ['cause', 'measure', 'lessons'] as const;

export interface Draft extends Record<Flag, boolean>, Record<Moment, string | undefined>, Record<(typeof texts)[number], string> {
  title: string;
  summary: string;
  unit: string;
  units: string[];
  systems: AffectedSystem[];
  category: string;
  severity: string;
  tlp: string;
  pap: string;
  secrecy: string;
  /** A user's id; "" nobody. */
  lead: string;
}

export type Field = keyof Draft;

export const emptyDraft: Draft = {
  title: '',
  summary: '',
  unit: '',
  units: [],
  systems: [],
  category: '',
  severity: '',
  tlp: 'AMBER',
  pap: 'AMBER',
  secrecy: '',
  lead: '',
  grave: false,
  nationalSecurity: false,
  severeDisruption: false,
  personalData: false,
  specialPersonalData: false,
  complex: false,
  emergencyMonitoring: false,
  detectedAt: undefined,
  confirmedAt: undefined,
  containedAt: undefined,
  recoveredAt: undefined,
  cause: '',
  measure: '',
  lessons: '',
};

export function draftOf(of: IncidentDetail): Draft {
  return {
    title: of.title,
    summary: of.summary,
    unit: of.unit,
    units: of.units.map((unit) => unit.id),
    systems: of.systems,
    category: of.category,
    severity: of.severity,
    tlp: of.tlp,
    pap: of.pap,
    secrecy: of.secrecy,
    lead: of.lead?.id ?? '',
    grave: of.grave,
    nationalSecurity: of.nationalSecurity,
    severeDisruption: of.severeDisruption,
    personalData: of.personalData,
    specialPersonalData: of.specialPersonalData,
    complex: of.complex,
    emergencyMonitoring: of.emergencyMonitoring,
    detectedAt: of.detectedAt,
    confirmedAt: of.confirmedAt,
    containedAt: of.containedAt,
    recoveredAt: of.recoveredAt,
    cause: of.cause,
    measure: of.measure,
    lessons: of.lessons,
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const fields = Object.keys(emptyDraft) as Field[];

/** The fields in which two drafts are not the same. */
export const changedFields = (before: Draft, after: Draft): Field[] => fields.filter((field) => !same(before[field], after[field]));

/** The server's word for a moment that is not known. */
const never = '0001-01-01T00:00:00Z';

/** Some fields of a draft, as the server takes them. */
export function factsOf(draft: Draft, which: readonly Field[] = fields): Record<string, unknown> {
  return Object.fromEntries(which.map((field) => [field, draft[field] ?? never]));
}

/** What two people changed differently since base: each has to be decided. */
export const disputed = (base: Draft, mine: Draft, theirs: Draft): Field[] =>
  changedFields(base, mine).filter((field) => !same(base[field], theirs[field]) && !same(mine[field], theirs[field]));

/** Mine over theirs, but where the person chose theirs. */
export function merged(base: Draft, mine: Draft, theirs: Draft, keepTheirs: ReadonlySet<Field>): Draft {
  const next: Draft = { ...theirs };
  const put = <F extends Field>(field: F) => {
    next[field] = mine[field];
  };
  for (const field of changedFields(base, mine)) if (!keepTheirs.has(field)) put(field);
  return next;
}

/** What is still to be written before an incident can be closed. */
export const lacking = (incident: Pick<Draft, 'cause' | 'measure'>) => (['cause', 'measure'] as const).filter((field) => incident[field].trim() === '');
