import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';

import { type Bounds, fieldNamesQuery, fieldValuesQuery } from '../../api/searchQueries';
import { type Place, suggest, type Suggestion } from '../../lib/complete';

const settleMs = 180;

/** What fits at a place, from the fields and values the events of the time really have. */
export function useSuggestions(place: Place, bounds: Bounds, enabled: boolean): Suggestion[] {
  const names = useQuery({ ...fieldNamesQuery(bounds), enabled });
  const field = place.kind === 'value' ? place.field : '';
  const prefix = place.kind === 'value' ? place.prefix : '';
  const [settled] = useDebouncedValue(prefix, settleMs);
  // What begins with what was typed before still holds what is typed now.
  const values = useQuery({
    ...fieldValuesQuery(bounds, field, prefix.startsWith(settled) ? settled : prefix),
    enabled: enabled && field !== '' && !/[*?]/.test(prefix),
  });
  if (!enabled) return [];
  return suggest(place, { fields: names.data?.fields ?? [], values: field !== '' ? (values.data?.values ?? []) : [] });
}
