import { Button, VisuallyHidden } from '@mantine/core';
import { IconLayoutSidebar, IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { tableQuery } from '../../api/searchQueries';
import { useKeys } from '../../app/keys';
import { type Drill, drillDown } from '../../lib/tableShape';
import { EmptyState, Rows } from '../../ui/State';
import { Offline, SearchFailure } from './SearchFailure';
import css from './search.module.css';
import { sortedRows, TableResult } from './TableResult';
import type { SearchState } from './useSearchState';

/** What a query that ends in a table answers; choosing a row leads to the events it was made of. */
export function TableResults({ state, onFields }: { state: SearchState; onFields: (() => void) | undefined }) {
  const { t } = useTranslation('search');
  const { params, query, bounds, valid, run, change } = state;
  const { data, error, isPending, isPaused, isFetching } = useQuery({ ...tableQuery({ query, ...bounds }, run), enabled: valid });
  const listKey = `${query} ${bounds.from} ${params.sort ?? ''}`;
  const [current, setCurrent] = useState({ list: listKey, index: -1 });
  const active = current.list === listKey ? current.index : -1;

  const drill = ({ q, from, to }: Drill) => {
    state.search({ q: q || undefined, ...(from && to && { from, to }), chart: undefined });
  };
  const move = (step: number) => {
    setCurrent({ list: listKey, index: Math.min((data?.rows.length ?? 1) - 1, Math.max(0, active + step)) });
  };
  useKeys({
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    Enter: () => {
      const row = data && sortedRows(data, params.sort)[Math.max(0, active)];
      const target = row && drillDown(query, data.columns, row);
      if (target) drill(target);
    },
  });

  return (
    <section
      className={`la-card ${css.results ?? ''}`}
      aria-label={t('results')}
      onKeyDown={(event) => {
        if (!(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'grid') return;
        const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        if (step === 0) return;
        event.preventDefault();
        move(step);
      }}
    >
      {onFields && (
        <div className={css.bar}>
          <Button size="compact-sm" variant="default" leftSection={<IconLayoutSidebar size={15} />} onClick={onFields}>
            {t('fields')}
          </Button>
        </div>
      )}
      {error && !data && <SearchFailure error={error} onRetry={state.again} onRange={state.setRange} />}
      {isPending && !error && (isPaused ? <Offline /> : <Rows count={14} />)}
      {data?.rows.length === 0 && <EmptyState icon={<IconSearchOff size={34} />} title={t('tableEmpty')} text={t('tableEmptyText')} />}
      {data && data.rows.length > 0 && (
        <TableResult
          table={data}
          query={query}
          fromMs={Date.parse(bounds.from)}
          toMs={Date.parse(bounds.to)}
          sort={params.sort}
          onSort={(sort) => {
            change({ sort }, true);
          }}
          chart={params.chart !== 'off'}
          onChart={(shown) => {
            change({ chart: shown ? undefined : 'off' }, true);
          }}
          active={active}
          onDrill={drill}
        />
      )}
      <VisuallyHidden role="status">{isFetching ? t('running') : ''}</VisuallyHidden>
    </section>
  );
}
