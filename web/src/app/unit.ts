// The unit that the pages are narrowed to. The address keeps it, from page to page.
import { useSearch } from '@tanstack/react-router';

/** Undefined: all that somebody may see. */
export function useUnit(): string | undefined {
  return useSearch({ strict: false }).unit;
}
