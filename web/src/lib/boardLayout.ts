// The layout of a dashboard while somebody changes it: a list of figures that flow
// into twelve columns, and the steps back and forth. Pure, so that the mouse and
// the keyboard do exactly the same.
import type { Widget, WidgetKind } from '../api/boardQueries';

export const mostWidgets = 24;
export const size = { leastW: 2, mostW: 12, leastH: 1, mostH: 6 } as const;

const clamp = (n: number, low: number, high: number) => Math.min(Math.max(Math.round(n), low), high);

/** Moves a figure to a place in the order, the first being 0. */
export function moveTo(widgets: readonly Widget[], id: string, place: number): Widget[] {
  const moved = widgets.find((w) => w.id === id);
  const rest = widgets.filter((w) => w.id !== id);
  if (!moved) return rest;
  rest.splice(clamp(place, 0, rest.length), 0, moved);
  return rest;
}

export function moveBy(widgets: readonly Widget[], id: string, by: number): Widget[] {
  return moveTo(widgets, id, widgets.findIndex((w) => w.id === id) + by);
}

export function change(widgets: readonly Widget[], id: string, what: Partial<Widget>): Widget[] {
  return widgets.map((w) => {
    if (w.id !== id) return w;
    const next = { ...w, ...what };
    return { ...next, w: clamp(next.w, size.leastW, size.mostW), h: clamp(next.h, size.leastH, size.mostH) };
  });
}

export function remove(widgets: readonly Widget[], id: string): Widget[] {
  return widgets.filter((w) => w.id !== id);
}

/** Adds a figure at the end; the list as it was if it is full. */
export function add(widgets: readonly Widget[], kind: WidgetKind): Widget[] {
  if (widgets.length >= mostWidgets) return [...widgets];
  const ids = new Set(widgets.map((w) => w.id));
  let n = 1;
  while (ids.has(`${kind.id}-${String(n)}`)) n++;
  return [...widgets, { id: `${kind.id}-${String(n)}`, kind: kind.id, w: kind.w, h: kind.h }];
}

/** One layout after another, with the way back; at most a hundred. */
export interface Steps {
  past: readonly Widget[][];
  now: Widget[];
  future: readonly Widget[][];
}

const mostSteps = 100;
const same = (a: readonly Widget[], b: readonly Widget[]) => JSON.stringify(a) === JSON.stringify(b);

export const begin = (widgets: readonly Widget[]): Steps => ({ past: [], now: [...widgets], future: [] });

export function step(steps: Steps, next: Widget[]): Steps {
  if (same(steps.now, next)) return steps;
  return { past: [...steps.past, steps.now].slice(-mostSteps), now: next, future: [] };
}

export function undo({ past, now, future }: Steps): Steps {
  const before = past.at(-1);
  return before ? { past: past.slice(0, -1), now: before, future: [now, ...future] } : { past, now, future };
}

export function redo({ past, now, future }: Steps): Steps {
  const [next, ...rest] = future;
  return next ? { past: [...past, now], now: next, future: rest } : { past, now, future };
}

/** True where saving would change something. */
export function differs(steps: Steps, saved: readonly Widget[]): boolean {
  return !same(steps.now, saved);
}
