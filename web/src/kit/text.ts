// Text as Vietnamese readers order and look for it: dictionary order, and needles
// typed without accents ("so noi vu" finds "Sở Nội vụ").
import { collator, fold } from '../lib/format';

/** Vietnamese dictionary order; numbers inside by their value. */
export const collate = (a: string, b: string): number => collator.compare(a, b);

/** A comparison of items by one of their texts. */
export function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => collator.compare(text(a), text(b));
}

const words = (needle: string) => fold(needle).split(/\s+/).filter(Boolean);

/** True where every word of the needle stands somewhere in the text. */
export function matches(text: string, needle: string): boolean {
  const folded = fold(text);
  return words(needle).every((word) => folded.includes(word));
}

/**
 * How well a text answers a needle; 0 is not at all. The beginning of the text
 * counts most, then the beginnings of its words, then the first letters of its
 * words ("cb" for "Cảnh báo"), then anything inside.
 */
export function score(text: string, needle: string): number {
  const wanted = words(needle);
  if (wanted.length === 0) return 1;
  const folded = fold(text);
  if (folded.startsWith(wanted.join(' '))) return 4;
  const parts = folded.split(/[\s/·.,:_-]+/).filter(Boolean);
  if (wanted.every((word) => parts.some((part) => part.startsWith(word)))) return 3;
  const letters = parts.map((part) => part[0]).join('');
  if (wanted.length === 1 && wanted[0] !== undefined && wanted[0].length > 1 && letters.includes(wanted[0])) return 2;
  return wanted.every((word) => folded.includes(word)) ? 1 : 0;
}
