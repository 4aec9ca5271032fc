// The rows of the overview: what the parts of the product say of each unit.
import type { components } from '../../api/schema.gen';

type Schemas = components['schemas'];

export interface Figures {
  form: Schemas['Form08'] | undefined;
  layers: Schemas['LayerOverview'] | undefined;
  report: Schemas['VulnerabilityReport'] | undefined;
  coverage: Schemas['MalwareCoverageList'] | undefined;
  wall: Schemas['ObligationWall'] | undefined;
}

export const whats = ['systems', 'approved', 'layers', 'severe', 'late', 'covered', 'duties'] as const;
export type What = (typeof whats)[number];

export type Row = { unit: string; name: string; bad: What[] } & Partial<Record<What, number>>;

/** A unit as the list of units has it. */
export interface OneUnit {
  id: string;
  name: string;
  status: string;
}

/**
 * The year of Form 08 that tells of today: the one that is due stays at its cut-off of 14/12
 * until the year ends.
 */
export function runningYear(now: Date): number {
  return now.getFullYear() + (now.getMonth() === 11 && now.getDate() > 14 ? 1 : 0);
}

/**
 * The list behind a number, of a unit or of all: it has as many rows as the number says.
 * Nothing where there is no such list: no page shows only the systems all of whose layers are
 * done, or two severities together.
 */
export function listOf(what: What, unit: string | undefined, year: number): string | undefined {
  const of = unit === undefined ? '' : `&unit=${encodeURIComponent(unit)}`;
  const form = `${of && `${of}&alone=true`}&year=${String(year)}`;
  switch (what) {
    case 'systems':
      return `/form-08?counter=total${form}`;
    case 'approved':
      return `/form-08?counter=approved${form}`;
    case 'layers':
    case 'severe':
      return undefined;
    case 'late':
      return `/vulnerabilities?late=true${of}`;
    case 'covered':
      return `/antimalware?tab=hosts&state=covered${of}`;
    case 'duties':
      return `/obligations?view=late${of}`;
  }
}

/** The figures above the table: of all units, or of one alone as its row has them. */
export function totalsOf({ form, layers, report, coverage, wall }: Figures, unit: string | undefined) {
  const of = <T extends { unit: string }>(list: readonly T[]) => list.find((one) => one.unit === unit);
  const all = unit === undefined;
  const counts = all ? form?.counts : of(form?.units ?? [])?.counts;
  const done = all ? layers : of(layers?.units ?? []);
  const card = all ? report?.all : of(report?.units ?? []);
  const machines = all ? coverage?.all.machines : of(coverage?.items ?? [])?.machines;
  return {
    form: form && { total: counts?.total ?? 0, approved: counts?.approved ?? 0 },
    layers: layers && { all: done?.all ?? 0, systems: done?.systems ?? 0 },
    report: report && { severe: (card?.open.critical ?? 0) + (card?.open.high ?? 0), kev: card?.kev ?? 0, late: card?.late ?? 0 },
    machines: coverage && { covered: machines?.covered ?? 0, total: machines?.total ?? 0 },
    duties: wall && { late: (all ? wall.late : of(wall.units)?.late) ?? 0 },
  };
}

/**
 * One row a unit, those with something bad first, then by name. A unit that nothing is told of
 * has zeros, so that nobody is forgotten; one that ended only has a row if something is.
 */
export function rowsOf({ form, layers, report, coverage, wall }: Figures, units: readonly OneUnit[] = []): Row[] {
  const rows = new Map<string, Row>();
  const of = (unit: string, name: string) => {
    const row = rows.get(unit) ?? { unit, name: name || unit, bad: [] };
    rows.set(unit, row);
    return row;
  };
  for (const one of form?.units ?? []) Object.assign(of(one.unit, one.unitName), { systems: one.counts.total, approved: one.counts.approved });
  for (const one of layers?.units ?? []) of(one.unit, one.unitName).layers = one.all;
  for (const one of report?.units ?? []) {
    const row = of(one.unit, one.unitName);
    row.severe = one.open.critical + one.open.high;
    row.late = one.late;
  }
  for (const one of coverage?.items ?? []) {
    if (one.machines.total > 0) of(one.unit, one.unitName).covered = Math.floor((100 * one.machines.covered) / one.machines.total);
  }
  for (const one of wall?.units ?? []) of(one.unit, one.unitName).duties = one.late;
  for (const one of units) if (one.status !== 'ended') of(one.id, one.name);
  const told: What[] = [...(form ? (['systems', 'approved'] as const) : []), ...(layers ? (['layers'] as const) : []), ...(report ? (['severe', 'late'] as const) : []), ...(wall ? (['duties'] as const) : [])];
  for (const row of rows.values()) {
    for (const what of told) row[what] ??= 0;
    row.bad = whats.filter(
      (what) =>
        (what === 'approved' && (row.approved ?? 0) < (row.systems ?? 0)) ||
        ((what === 'late' || what === 'duties') && (row[what] ?? 0) > 0) ||
        (what === 'covered' && row.covered !== undefined && row.covered < 100),
    );
  }
  return [...rows.values()].sort((a, b) => b.bad.length - a.bad.length || a.name.localeCompare(b.name, 'vi'));
}
