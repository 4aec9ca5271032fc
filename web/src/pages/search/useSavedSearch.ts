import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { savedQuery } from '../../api/searchQueries';
import type { Saved } from '../../api/types';
import { isBare, isUnchanged, paramsOf } from '../../lib/savedSearch';
import type { SearchState } from './useSearchState';

/** The saved search the address names; one that names nothing else is opened. */
export function useSavedSearch(state: SearchState): { saved: Saved | undefined; unchanged: boolean; gone: boolean } {
  const { params, change } = state;
  const found = useQuery({ ...savedQuery(params.saved ?? ''), enabled: params.saved !== undefined });
  const saved = params.saved === undefined ? undefined : found.data;
  const opened = useRef<string>(undefined);
  const bare = isBare(params);
  useEffect(() => {
    if (!saved || !bare || opened.current === saved.id) return;
    opened.current = saved.id;
    change(paramsOf(saved), true);
  });
  return { saved, unchanged: saved !== undefined && isUnchanged(params, saved), gone: params.saved !== undefined && found.isError };
}
