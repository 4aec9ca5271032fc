import { ActionIcon, Button, Drawer, Group, SegmentedControl, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue, useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconLayoutSidebar, IconRefresh, IconSearchOff, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, queryErrorOffset } from '../../api/client';
import { fieldsQuery, histogramQuery, overviewQuery, searchQuery, validateQuery } from '../../api/queries';
import type { Validation } from '../../api/types';
import { useKeys } from '../../app/keys';
import { formatNumber } from '../../lib/format';
import { addExists, addFilter } from '../../lib/query';
import { type SearchParams, splitColumns, toggleColumn } from '../../lib/searchParams';
import { defaultRange, resolveRange, secondsBetween, type TimeRange } from '../../lib/time';
import { BarChart } from '../../ui/Chart';
import { FirstLog } from '../../ui/FirstLog';
import { usePageTitle } from '../../ui/PageHeader';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { EventDrawer } from './EventDrawer';
import { ExportMenu } from './ExportMenu';
import { FieldSidebar } from './FieldSidebar';
import { JsonList } from './JsonList';
import { QueryBar } from './QueryBar';
import { ResultTable } from './ResultTable';
import css from './search.module.css';
import { TimePicker } from './TimePicker';

const route = getRouteApi('/search');
const pageSize = 200;
const buckets = 120;

export function SearchPage() {
  const { t, i18n } = useTranslation();
  usePageTitle(t('nav.search'));
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery('(max-width: 62em)') ?? false;
  const small = useMediaQuery('(max-width: 40em)') ?? false;
  const [sidebarOpen, sidebar] = useDisclosure();
  const bar = useRef<HTMLInputElement>(null);

  const query = params.q ?? '';
  const range: TimeRange = { from: params.from ?? defaultRange.from, to: params.to ?? defaultRange.to };

  // A relative range is pinned when the search starts, so that the list, the
  // histogram and the fields speak of the same moments.
  const [run, setRun] = useState(() => ({ n: 0, nowMs: Date.now() }));
  const again = () => {
    setRun((r) => ({ n: r.n + 1, nowMs: Date.now() }));
  };
  const bounds = useMemo(
    () => resolveRange({ from: range.from, to: range.to }, run.nowMs),
    [range.from, range.to, run.nowMs],
  );

  const change = (next: Partial<Record<keyof SearchParams, string | undefined>>, replace = false) => {
    void navigate({ search: (old) => ({ ...old, ...next }) as SearchParams, replace });
  };
  const submit = (q: string) => {
    if (q === query) again();
    else {
      setRun((r) => ({ n: r.n + 1, nowMs: Date.now() }));
      change({ q: q || undefined, event: undefined });
    }
  };

  const order = params.order ?? 'desc';
  const request = { query, ...bounds };
  const valid = Date.parse(bounds.from) < Date.parse(bounds.to);
  const results = useInfiniteQuery({ ...searchQuery({ ...request, limit: pageSize, order }, run.n), enabled: valid });
  const histogram = useQuery({ ...histogramQuery({ ...request, buckets }, run.n), enabled: valid });
  const fields = useQuery({ ...fieldsQuery(request, run.n), enabled: valid });
  const events = useMemo(() => results.data?.pages.flatMap((page) => page.events) ?? [], [results.data]);
  const first = results.data?.pages[0];

  // What is typed belongs to the query it started from; a new address starts over.
  const [typed, setTyped] = useState({ from: query, text: query });
  const draft = typed.from === query ? typed.text : query;
  const setDraft = (text: string) => {
    setTyped({ from: query, text });
  };
  const [settled] = useDebouncedValue(draft, 350);
  const validation = useQuery({ ...validateQuery(settled), enabled: settled.trim() !== '' && settled === draft });
  const problem =
    settled === draft && validation.data && !validation.data.ok
      ? readValidation(validation.data)
      : results.error instanceof ApiError && draft === query
        ? syntaxProblem(results.error)
        : undefined;

  const filter = (field: string, value: string, negate: boolean) => {
    submit(addFilter(query, field, value, negate));
  };
  const columns = splitColumns(params.cols);
  const toggle = (name: string) => {
    change({ cols: toggleColumn(params.cols, name) }, true);
  };

  const listKey = `${query} ${bounds.from} ${bounds.to} ${order}`;
  const [current, setCurrent] = useState({ list: listKey, index: -1 });
  const active = current.list === listKey ? current.index : -1;
  const setActive = (index: number) => {
    setCurrent({ list: listKey, index });
  };
  const open = (index: number) => {
    const event = events[index];
    if (!event) return;
    setActive(index);
    change({ event: event.id }, params.event !== undefined);
  };
  const move = (step: number) => {
    const next = Math.min(events.length - 1, Math.max(0, active + step));
    setActive(next);
    const event = events[next];
    if (params.event && event) change({ event: event.id }, true);
  };
  useKeys({
    '/': () => bar.current?.focus(),
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    Enter: () => {
      open(active < 0 ? 0 : active);
    },
    Escape: () => {
      if (params.event) change({ event: undefined }, true);
    },
    u: again,
  });

  const more = () => {
    if (results.hasNextPage && !results.isFetchingNextPage) void results.fetchNextPage();
  };
  const total = histogram.data?.total;
  const openEvent = events.find((event) => event.id === params.event);

  const sidebarContent = (
    <FieldSidebar
      data={fields.data}
      pending={fields.isPending && valid}
      columns={columns}
      onToggleColumn={toggle}
      onFilter={filter}
      onExists={(name) => {
        submit(addExists(query, name));
      }}
    />
  );

  return (
    <div className={css.page}>
      <h1 className="la-hidden">{t('nav.search')}</h1>
      <div className={css.top}>
        <QueryBar ref={bar} value={draft} onChange={setDraft} onSubmit={submit} problem={problem} fields={fields.data} />
        <TimePicker
          range={range}
          onChange={(next) => {
            setRun((r) => ({ n: r.n + 1, nowMs: Date.now() }));
            change({
              from: next.from === defaultRange.from ? undefined : next.from,
              to: next.to === defaultRange.to ? undefined : next.to,
              event: undefined,
            });
          }}
        />
        <Tooltip label={t('action.refresh')}>
          <ActionIcon variant="default" size={34} onClick={again} aria-label={t('action.refresh')} loading={results.isFetching}>
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
      </div>

      {histogram.data && histogram.data.total > 0 && (
        <div className={`la-card ${css.histogram ?? ''}`}>
          <BarChart
            height={small ? 84 : 108}
            points={histogram.data.buckets}
            bucketSeconds={histogram.data.bucketSeconds}
            fromMs={Date.parse(bounds.from)}
            toMs={Date.parse(bounds.to)}
            formatCount={(n) => formatNumber(n, i18n.language)}
            label={t('chart.label', {
              n: formatNumber(histogram.data.total, i18n.language),
              hours: formatNumber(secondsBetween(bounds.from, bounds.to) / 3600, i18n.language),
            })}
            onRange={(from, to) => {
              change({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), event: undefined });
            }}
          />
        </div>
      )}

      <div className={css.body}>
        {!narrow && <aside className={`la-card ${css.sidebar ?? ''}`}>{sidebarContent}</aside>}
        <section className={`la-card ${css.results ?? ''}`} aria-label={t('search.results')}>
          <div className={css.bar}>
            {narrow && (
              <Button size="compact-sm" variant="default" leftSection={<IconLayoutSidebar size={15} />} onClick={sidebar.open}>
                {t('search.fields')}
              </Button>
            )}
            <Text size="sm" component="div" aria-live="polite" className="la-num">
              {total !== undefined && (
                <>
                  <b>{t('search.found', { count: total, n: formatNumber(total, i18n.language) })}</b>
                  {first && <span className="la-dim"> · {t('search.took', { ms: formatNumber(first.tookMs, i18n.language) })}</span>}
                </>
              )}
            </Text>
            <Group gap={6} ml="auto" wrap="nowrap">
              <Tooltip label={t(`search.order.${order}`)}>
                <ActionIcon
                  aria-label={t(`search.order.${order}`)}
                  onClick={() => {
                    change({ order: order === 'desc' ? 'asc' : undefined });
                  }}
                >
                  {order === 'desc' ? <IconSortDescending size={18} /> : <IconSortAscending size={18} />}
                </ActionIcon>
              </Tooltip>
              <SegmentedControl
                size="xs"
                aria-label={t('search.view')}
                value={params.view ?? 'table'}
                onChange={(value) => {
                  change({ view: value === 'json' ? 'json' : undefined }, true);
                }}
                data={[
                  { value: 'table', label: t('search.table') },
                  { value: 'json', label: t('search.json') },
                ]}
              />
              <ExportMenu query={query} {...bounds} total={total} />
            </Group>
          </div>
          {first?.partial && (
            <Text size="xs" px="sm" pb={6} style={{ color: 'var(--la-high)' }} role="status">
              {t('search.partial')} {first.partial}
            </Text>
          )}
          {renderResults()}
        </section>
      </div>

      <Drawer opened={narrow && sidebarOpen} onClose={sidebar.close} title={t('search.fields')} size={320}>
        {sidebarContent}
      </Drawer>
      {params.event && (
        <EventDrawer
          id={params.event}
          known={openEvent}
          columns={columns}
          onToggleColumn={toggle}
          onFilter={filter}
          onClose={() => {
            change({ event: undefined }, true);
          }}
          onShow={(id) => {
            change({ event: id }, true);
          }}
        />
      )}
      <VisuallyHidden role="status">{results.isFetching ? t('search.running') : ''}</VisuallyHidden>
    </div>
  );

  function renderResults() {
    if (!valid) return <EmptyState icon={<IconSearchOff size={34} />} title={t('search.badRange')} text={t('search.badRangeText')} />;
    if (results.error && !results.data) {
      return (
        <div style={{ padding: 12 }}>
          <ErrorState error={results.error} retry={results.error instanceof ApiError && results.error.status === 422 ? undefined : again} />
        </div>
      );
    }
    if (results.isPending) return <Rows count={14} />;
    if (events.length === 0) return <NothingFound query={query} range={range} onWiden={change} />;
    const shared = { events, active, onOpen: open, onEnd: more, loading: results.isFetchingNextPage };
    return params.view === 'json' ? (
      <JsonList {...shared} />
    ) : (
      <ResultTable {...shared} columns={columns} onToggleColumn={toggle} openId={params.event} compact={small} />
    );
  }
}

function readValidation({ offset = 0, length = 0, message = '', expected, code = '' }: Validation) {
  return { offset, length, message, expected: expected ?? [], code };
}

function syntaxProblem(error: ApiError) {
  const offset = queryErrorOffset(error);
  if (offset === undefined) return undefined;
  return { offset, length: 1, message: error.errors[0]?.message ?? error.detail, expected: [] };
}

interface NothingProps {
  query: string;
  range: TimeRange;
  onWiden: (next: { q?: string | undefined; from?: string; to?: string | undefined }) => void;
}

function NothingFound({ query, range, onWiden }: NothingProps) {
  const { t } = useTranslation();
  // Nothing at all has ever arrived: teach how to send instead of how to search.
  const ever = useQuery({
    ...overviewQuery('365d'),
    refetchInterval: false,
  });
  if (ever.data?.eventsTotal === 0 && ever.data.sources.length === 0) return <FirstLog />;
  return (
    <EmptyState icon={<IconSearchOff size={34} />} title={t('search.nothing')} text={t('search.nothingText')}>
      <Group justify="center" gap="xs">
        {range.from !== 'now-30d' && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              onWiden({ from: 'now-30d', to: undefined });
            }}
          >
            {t('search.widen30d')}
          </Button>
        )}
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            onWiden({ from: 'now-3650d', to: undefined });
          }}
        >
          {t('search.widenAll')}
        </Button>
        {query !== '' && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              onWiden({ q: undefined });
            }}
          >
            {t('search.dropQuery')}
          </Button>
        )}
      </Group>
    </EmptyState>
  );
}
