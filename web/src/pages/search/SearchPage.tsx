import '../../i18n/search';

import { ActionIcon, Drawer, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconRefresh, IconSearchOff } from '@tabler/icons-react';
import { useIsFetching, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { fieldsQuery, historyQuery } from '../../api/searchQueries';
import { useKeys } from '../../app/keys';
import { toggleColumn } from '../../lib/columns';
import { addExists, addFilter, fieldName } from '../../lib/query';
import { isTable, splitStages } from '../../lib/queryText';
import { usePageTitle } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/State';
import { EventResults } from './EventResults';
import { FieldSidebar } from './FieldSidebar';
import { HistogramPanel } from './HistogramPanel';
import listCss from './lists.module.css';
import { QueryBar } from './QueryBar';
import css from './search.module.css';
import { SavedChip, type SearchDialog, SearchMenu, useCopyLink } from './SearchMenu';
import { TableResults } from './TableResults';
import { TimePicker } from './TimePicker';
import { useQueryCheck } from './useQueryCheck';
import { useSavedSearch } from './useSavedSearch';
import { useSearchState } from './useSearchState';

export function SearchPage() {
  const { t } = useTranslation(['translation', 'search']);
  usePageTitle(t('nav.search'));
  const state = useSearchState();
  const { query, bounds, valid, run, columns, setColumns } = state;
  const narrow = useMediaQuery('(max-width: 62em)') ?? false;
  const [fieldsOpen, fieldsDrawer] = useDisclosure();
  const bar = useRef<{ focus: () => void }>(null);
  const [dialog, setDialog] = useState<SearchDialog>();
  const history = useQuery(historyQuery);
  const recent = useMemo(() => [...new Set((history.data?.items ?? []).map((entry) => entry.query))].filter((q) => q !== ''), [history.data]);
  const { saved, unchanged, gone } = useSavedSearch(state);
  const copyLink = useCopyLink(state);

  const table = isTable(query);
  const asked = { query: splitStages(query).events, ...bounds };
  const fields = useQuery({ ...fieldsQuery(asked, run), enabled: valid });
  const check = useQueryCheck(query, bounds);
  const busy = useIsFetching({ predicate: ({ queryKey }) => ['search', 'table', 'histogram'].includes(String(queryKey[0])) }) > 0;

  const client = useQueryClient();
  const submit = (text: string) => {
    state.submit(text);
    // The server puts it on the history when it has answered.
    setTimeout(() => void client.invalidateQueries({ queryKey: historyQuery.queryKey }), 2_000);
  };
  useKeys({
    '/': () => bar.current?.focus(),
    u: state.again,
    s: () => {
      setDialog('save');
    },
    b: () => {
      setDialog('saved');
    },
    H: () => {
      setDialog('history');
    },
    y: () => void copyLink(false),
  });

  const sidebar = (
    <FieldSidebar
      data={fields.data}
      pending={fields.isPending && valid}
      columns={columns.map((column) => column.name)}
      onToggleColumn={(name) => {
        setColumns(toggleColumn(columns, name));
      }}
      onFilter={(field, value, negate) => {
        submit(addFilter(query, field, value, negate));
      }}
      onExists={(name, negate) => {
        submit(addExists(query, name, negate));
      }}
      onTable={(name) => {
        fieldsDrawer.close();
        submit(`${asked.query} | top 100 ${fieldName(name)}`.trim());
      }}
    />
  );
  const onFields = narrow ? fieldsDrawer.open : undefined;

  return (
    <div className={css.page}>
      <h1 className="la-hidden">{t('nav.search')}</h1>
      <div className={css.top}>
        <QueryBar
          ref={bar}
          value={check.draft}
          onChange={check.setDraft}
          onSubmit={submit}
          bounds={bounds}
          problem={check.problem}
          unknown={check.unknown}
          recent={recent}
        />
        <TimePicker range={state.range} onChange={state.setRange} />
        <SearchMenu state={state} saved={saved} opened={dialog} onOpened={setDialog} />
        <Tooltip label={t('action.refresh')}>
          <ActionIcon variant="default" size={34} onClick={state.again} aria-label={t('action.refresh')} loading={busy}>
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      {(saved !== undefined || gone) && (
        <div className={listCss.chips}>
          {saved && (
            <SavedChip
              saved={saved}
              unchanged={unchanged}
              onClose={() => {
                state.change({ saved: undefined }, true);
              }}
            />
          )}
          {gone && (
            <span role="status" style={{ color: 'var(--la-high)' }}>
              {t('search:saved.gone')}
            </span>
          )}
        </div>
      )}
      {valid && <HistogramPanel asked={asked} range={state.range} run={table ? { n: run.n } : run} onRange={state.setRange} />}
      <div className={css.body}>
        {!narrow && <aside className={`la-card ${css.sidebar ?? ''}`}>{sidebar}</aside>}
        {!valid ? (
          <section className={`la-card ${css.results ?? ''}`} aria-label={t('search:results')}>
            <EmptyState icon={<IconSearchOff size={34} />} title={t('search:badRange')} text={t('search:badRangeText')} />
          </section>
        ) : table ? (
          <TableResults state={state} onFields={onFields} />
        ) : (
          <EventResults state={state} onFields={onFields} />
        )}
      </div>
      <Drawer opened={narrow && fieldsOpen} onClose={fieldsDrawer.close} title={t('search:fields')} size={320} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {sidebar}
      </Drawer>
      <VisuallyHidden role="status">{busy ? t('search:running') : ''}</VisuallyHidden>
    </div>
  );
}
