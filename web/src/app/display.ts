// How the console is drawn beyond light and dark: the density of lists and the
// wall-screen mode. Kept by the browser; "?wall=1" in an address opens the wall.
import { useSyncExternalStore } from 'react';

export type Density = 'comfortable' | 'compact';

export interface Display {
  density: Density;
  wall: boolean;
  /** The side bar shows icons only. */
  narrow: boolean;
}

const names = { density: 'lachan.density', narrow: 'lachan.narrow' } as const;

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

let display: Display = {
  density: read(names.density) === 'compact' ? 'compact' : 'comfortable',
  wall: new URLSearchParams(window.location.search).get('wall') === '1',
  narrow: read(names.narrow) === '1',
};
const listeners = new Set<() => void>();

function apply() {
  const root = document.documentElement;
  root.toggleAttribute('data-wall', display.wall);
  root.dataset.density = display.density;
}
apply();

export function setDisplay(change: Partial<Display>) {
  display = { ...display, ...change };
  write(names.density, display.density);
  write(names.narrow, display.narrow ? '1' : '0');
  apply();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useDisplay(): Display {
  return useSyncExternalStore(subscribe, () => display);
}
