// The tree of units as a list of rows, and the small rules of the page.
import type { Unit } from '../../api/types';
import { by } from '../../kit/text';
import { fold } from '../../lib/format';

export interface Row {
  unit: Unit;
  depth: number;
  /** How many rows of the list are under it, shown or not. */
  below: number;
}

/**
 * The units in the order of the tree, without what is under the closed ones. A
 * unit whose parent is not among them stands at the top.
 */
export function rowsOf(units: readonly Unit[], closed: ReadonlySet<string>): Row[] {
  const known = new Set(units.map((u) => u.id));
  const under = new Map<string, Unit[]>();
  for (const unit of [...units].sort(by((u) => u.name))) {
    const parent = unit.parent !== null && known.has(unit.parent) ? unit.parent : '';
    under.set(parent, [...(under.get(parent) ?? []), unit]);
  }
  const rows: Row[] = [];
  const walk = (parent: string, depth: number, shown: boolean): number => {
    let count = 0;
    for (const unit of under.get(parent) ?? []) {
      const row = { unit, depth, below: 0 };
      if (shown) rows.push(row);
      row.below = walk(unit.id, depth + 1, shown && !closed.has(unit.id));
      count += 1 + row.below;
    }
    return count;
  };
  walk('', 0, true);
  return rows;
}

/** The units above one, the nearest first. */
export function above(units: ReadonlyMap<string, Unit>, id: string): string[] {
  const ids: string[] = [];
  for (let at = units.get(id)?.parent; at && !ids.includes(at); at = units.get(at)?.parent) ids.push(at);
  return ids;
}

/** One and everything under it. */
export function withBelow(units: readonly Unit[], id: string): Set<string> {
  const known = new Map(units.map((u) => [u.id, u]));
  return new Set(units.filter((u) => u.id === id || above(known, u.id).includes(id)).map((u) => u.id));
}

/** An id made of a name, as the server makes them. */
export function slug(name: string): string {
  return fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 48)
    .replace(/-$/, '');
}

/** An id made of a name that no unit has. */
export function freeId(name: string, taken: ReadonlySet<string>): string {
  const base = slug(name) || 'don-vi';
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? '' : `-${String(n)}`;
    const id = base.slice(0, 48 - suffix.length).replace(/-$/, '') + suffix;
    if (!taken.has(id)) return id;
  }
}

/** dd/mm/yyyy -> yyyy-mm-dd; undefined where it is no day. */
export function readDay(text: string): string | undefined {
  const match = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!match) return undefined;
  const [, day = '', month = '', year = ''] = match;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : undefined;
}

/** yyyy-mm-dd -> dd/mm/yyyy. */
export function showDay(day: string | null | undefined): string {
  const [year, month, date] = (day ?? '').split('-');
  return year && month && date ? `${date}/${month}/${year}` : '';
}

export function dayBefore(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - 1);
  return at.toISOString().slice(0, 10);
}

/** Today in Vietnam. */
export function today(): string {
  return new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
}

/** Whether a unit is there on a day. */
export function inForce(unit: Unit, day: string): boolean {
  return (unit.validFrom === null || unit.validFrom <= day) && (unit.validTo === null || unit.validTo >= day);
}
