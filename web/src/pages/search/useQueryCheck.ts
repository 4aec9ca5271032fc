import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type Bounds, validateQuery } from '../../api/searchQueries';
import type { UnknownField } from '../../api/types';
import type { Problem } from './QueryProblem';

const settleMs = 350;

/** What is being typed, and what the server thinks of it. */
export function useQueryCheck(query: string, bounds: Bounds) {
  // What is typed belongs to the query it started from; a new address starts over.
  const [typed, setTyped] = useState({ from: query, text: query });
  const draft = typed.from === query ? typed.text : query;
  const setDraft = (text: string) => {
    setTyped({ from: query, text });
  };
  const [settled] = useDebouncedValue(draft, settleMs);
  const current = settled === draft;
  const { data } = useQuery({ ...validateQuery(settled, bounds), enabled: settled.trim() !== '' && current });
  let problem: Problem | undefined;
  if (current && data && !data.ok) {
    const { offset = 0, length = 0, message = '', expected, code = '' } = data;
    problem = { offset, length, message, expected: expected ?? [], code };
  }
  const unknown: readonly UnknownField[] = current && data?.ok ? (data.unknown ?? []) : [];
  return { draft, setDraft, problem, unknown };
}
