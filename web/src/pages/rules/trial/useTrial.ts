import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { call } from '../../../api/client';
import type { RuleTest } from '../../../api/types';

/** What to try: a loaded rule, the text of one, or a list of indicators. */
export type Ask = { ruleId: string } | { rule: string } | { indicators: string };

const pollMs = 500;
const dayMs = 86_400_000;

const over = (state: RuleTest['state'] | undefined) => state === 'done' || state === 'failed' || state === 'cancelled';

/** A trial on the server, from its start to its result. Leaving the page ends it. */
export function useTrial() {
  const start = useMutation({
    mutationFn: ({ ask, days }: { ask: Ask; days: number }) => {
      const to = Date.now();
      return call<RuleTest>('/rules/test', {
        method: 'POST',
        body: { ...ask, from: new Date(to - days * dayMs).toISOString(), to: new Date(to).toISOString() },
      });
    },
  });
  const id = start.data?.id;
  const watch = useQuery({
    queryKey: ['rule-test', id],
    enabled: id !== undefined,
    queryFn: ({ signal }) => call<RuleTest>(`/rules/test/${id ?? ''}`, { signal }),
    refetchInterval: (query) => (query.state.error || over(query.state.data?.state) ? false : pollMs),
    retry: 2,
  });
  const trial = watch.data ?? start.data;
  const going = id !== undefined && !watch.error && !over(trial?.state);

  const end = (of: string) => {
    // It may be over already; then there is nothing to end.
    call(`/rules/test/${of}`, { method: 'DELETE' }).catch(() => undefined);
  };
  const open = useRef<string>(undefined);
  useEffect(() => {
    open.current = going ? id : undefined;
  }, [going, id]);
  useEffect(
    () => () => {
      if (open.current !== undefined) end(open.current);
    },
    [],
  );
  return {
    trial,
    going: going || start.isPending,
    error: start.error ?? watch.error,
    start: (ask: Ask, days: number) => {
      start.mutate({ ask, days });
    },
    stop: () => {
      if (id !== undefined) end(id);
      start.reset();
    },
  };
}
