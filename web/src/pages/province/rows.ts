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

/** The list behind a number of a unit. */
export function listOf(what: What, unit: string): string {
  const of = `unit=${encodeURIComponent(unit)}`;
  switch (what) {
    case 'systems':
      return `/systems?${of}`;
    case 'approved':
      return `/form-08?counter=approved&${of}`;
    case 'layers':
      return `/requirements?tab=layers&${of}`;
    case 'severe':
      return `/vulnerabilities?severity=critical,high&${of}`;
    case 'late':
      return `/vulnerabilities?late=true&${of}`;
    case 'covered':
      return `/antimalware?${of}`;
    case 'duties':
      return `/obligations?view=late&${of}`;
  }
}

/** One row a unit, those with something bad first, then by name. */
export function rowsOf({ form, layers, report, coverage, wall }: Figures): Row[] {
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
  for (const row of rows.values()) {
    row.bad = whats.filter(
      (what) =>
        (what === 'approved' && (row.approved ?? 0) < (row.systems ?? 0)) ||
        ((what === 'late' || what === 'duties') && (row[what] ?? 0) > 0) ||
        (what === 'covered' && row.covered !== undefined && row.covered < 100),
    );
  }
  return [...rows.values()].sort((a, b) => b.bad.length - a.bad.length || a.name.localeCompare(b.name, 'vi'));
}
