// The places somebody went to by the palette, the latest first; kept by the browser.
import type { Found } from './finders';

const name = 'lachan.recent';
const most = 6;

export function recent(): Found[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isFound).slice(0, most) : [];
  } catch {
    return [];
  }
}

export function remember(place: Found) {
  const kept = [place, ...recent().filter((other) => other.to !== place.to)].slice(0, most);
  try {
    localStorage.setItem(name, JSON.stringify(kept));
  } catch {
    // Without storage nothing is remembered.
  }
}

function isFound(value: unknown): value is Found {
  if (typeof value !== 'object' || value === null) return false;
  const { to, name: text } = value as Record<string, unknown>;
  return typeof to === 'string' && to.startsWith('/') && typeof text === 'string';
}
