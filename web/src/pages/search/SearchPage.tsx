import '../../i18n/search';

import { ActionIcon, Drawer, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconRefresh, IconSearchOff } from '@tabler/icons-react';
import { useIsFetching, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { fieldsQuery } from '../../api/searchQueries';
import { useKeys } from '../../app/keys';
import { toggleColumn } from '../../lib/columns';
import { readHistory, writeHistory } from '../../lib/history';
import { addExists, addFilter, fieldName } from '../../lib/query';
import { isTable, splitStages } from '../../lib/queryText';
import { usePageTitle } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/State';
import { EventResults } from './EventResults';
import { FieldSidebar } from './FieldSidebar';
import { HistogramPanel } from './HistogramPanel';
import { QueryBar } from './QueryBar';
import css from './search.module.css';
import { TableResults } from './TableResults';
import { TimePicker } from './TimePicker';
import { useQueryCheck } from './useQueryCheck';
import { useSearchState } from './useSearchState';

const historyKey = 'lachan.search.history';

export function SearchPage() {
  const { t } = useTranslation(['translation', 'search']);
  usePageTitle(t('nav.search'));
  const state = useSearchState();
  const { query, bounds, valid, run, columns, setColumns } = state;
  const narrow = useMediaQuery('(max-width: 62em)') ?? false;
  const [fieldsOpen, fieldsDrawer] = useDisclosure();
  const bar = useRef<{ focus: () => void }>(null);
  const [recent, setRecent] = useState(() => readHistory(historyKey));

  const table = isTable(query);
  const asked = { query: splitStages(query).events, ...bounds };
  const fields = useQuery({ ...fieldsQuery(asked, run), enabled: valid });
  const check = useQueryCheck(query, bounds);
  const busy = useIsFetching({ predicate: ({ queryKey }) => ['search', 'table', 'histogram'].includes(String(queryKey[0])) }) > 0;

  const submit = (text: string) => {
    if (text !== '') {
      writeHistory(historyKey, text);
      setRecent(readHistory(historyKey));
    }
    state.submit(text);
  };
  useKeys({ '/': () => bar.current?.focus(), u: state.again });

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
        <Tooltip label={t('action.refresh')}>
          <ActionIcon variant="default" size={34} onClick={state.again} aria-label={t('action.refresh')} loading={busy}>
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      {valid && <HistogramPanel asked={asked} range={state.range} run={run} onRange={state.setRange} />}
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
