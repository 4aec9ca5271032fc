import { ActionIcon, Button, Group, Menu, SegmentedControl, Text, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconBaselineDensityMedium, IconBroadcast, IconLayoutSidebar, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { histogramBuckets, histogramQuery, searchQuery } from '../../api/searchQueries';
import { useKeys } from '../../app/keys';
import { type Column, kindColumn, rawColumn, toggleColumn } from '../../lib/columns';
import { columnValue } from '../../lib/events';
import { formatNumber } from '../../lib/format';
import { addFilter } from '../../lib/query';
import { noTail, withTail } from '../../lib/tail';
import { EmptyState, Rows } from '../../ui/State';
import { EventDrawer } from './EventDrawer';
import { ExportButton } from './ExportButton';
import { JsonList } from './JsonList';
import { NothingFound } from './NothingFound';
import { densities, useDensity } from './preferences';
import { ResultTable } from './ResultTable';
import { Offline, SearchFailure } from './SearchFailure';
import css from './search.module.css';
import { TailBar } from './TailBar';
import type { SearchState } from './useSearchState';
import { useTail } from './useTail';

const pageSize = 200;

/** The fields a file of the shown columns has. */
const exportColumns = (columns: readonly Column[]) =>
  columns.flatMap(({ name }) => (name === kindColumn ? ['product', 'service'] : name === rawColumn ? ['raw'] : [name.replace(/^_/, '')]));

interface Props {
  state: SearchState;
  /** Opens the list of fields where there is no room beside the results. */
  onFields: (() => void) | undefined;
}

/** The events found: the list, the event open beside it, and the keys that move between them. */
export function EventResults({ state, onFields }: Props) {
  const { t, i18n } = useTranslation('search');
  const { params, query, bounds, valid, run, change, columns, setColumns } = state;
  const small = useMediaQuery('(max-width: 40em)') ?? false;
  const wide = useMediaQuery('(min-width: 94em)') ?? false;
  const [density, setDensity] = useDensity();
  const order = params.order ?? 'desc';

  const asked = { query, ...bounds };
  const results = useInfiniteQuery({ ...searchQuery({ ...asked, limit: pageSize, order }, run), enabled: valid });
  const counted = useQuery({ ...histogramQuery({ ...asked, buckets: histogramBuckets }, run), enabled: false });
  const total = counted.isPlaceholderData ? undefined : counted.data?.total;

  const tailing = params.tail === 'on';
  const tail = useTail({ query, enabled: tailing, onReady: state.againQuietly });
  const [follow, setFollow] = useState(false);
  const [top, setTop] = useState(true);
  const shown = tailing ? tail.state.shown : noTail.shown;
  const events = useMemo(() => withTail(shown, results.data?.pages.flatMap((page) => page.events) ?? []), [results.data, shown]);
  const fresh = useMemo(() => new Set(shown.map((event) => event.id)), [shown]);
  const setTail = (on: boolean) => {
    // A tail is about now, newest first.
    change(on ? { tail: 'on', to: undefined, order: undefined } : { tail: undefined });
  };
  const flows = tailing && follow && top && tail.state.waitingCount > 0;
  useEffect(() => {
    if (flows) tail.show();
  });
  const showNew = () => {
    tail.show();
    setShowings((n) => n + 1);
  };
  const first = results.data?.pages[0];

  const listKey = `${query} ${bounds.from} ${bounds.to} ${order}`;
  const [current, setCurrent] = useState({ list: listKey, id: '' });
  const active = current.list === listKey ? events.findIndex((event) => event.id === current.id) : -1;
  const [activeColumn, setActiveColumn] = useState(0);
  // Each time somebody asks for new events, the list goes to where they are.
  const [showings, setShowings] = useState(0);
  const setActive = (index: number) => {
    setCurrent({ list: listKey, id: events[index]?.id ?? '' });
  };
  const open = (index: number) => {
    const event = events[index];
    if (!event) return;
    setActive(index);
    change({ event: event.id }, params.event !== undefined);
  };
  const close = () => {
    if (params.event) change({ event: undefined }, true);
  };
  const move = (step: number) => {
    const next = Math.min(events.length - 1, Math.max(0, active + step));
    setActive(next);
    const event = events[next];
    if (params.event && event) change({ event: event.id }, true);
  };
  const moveColumn = (step: number) => {
    setActiveColumn((at) => Math.min(columns.length - 1, Math.max(0, at + step)));
  };
  const filter = (field: string, value: string, negate: boolean) => {
    state.submit(addFilter(query, field, value, negate));
  };
  const filterActive = (negate: boolean) => {
    const event = events[active];
    const name = columns[Math.min(activeColumn, columns.length - 1)]?.name;
    const found = event && name !== undefined ? columnValue(event, name).filter : undefined;
    if (found) filter(found.field, found.value, negate);
  };
  const turn = () => {
    change({ order: order === 'desc' ? 'asc' : undefined, event: undefined });
  };
  useKeys({
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    h: () => {
      moveColumn(-1);
    },
    l: () => {
      moveColumn(1);
    },
    Enter: () => {
      open(active < 0 ? 0 : active);
    },
    x: close,
    Escape: close,
    f: () => {
      filterActive(false);
    },
    F: () => {
      filterActive(true);
    },
    o: turn,
    t: () => {
      setTail(!tailing);
    },
    n: () => {
      if (tailing && tail.state.waitingCount > 0) showNew();
    },
  });
  const onListKey = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'grid') return;
    const steps: Record<string, () => void> = {
      ArrowDown: () => {
        move(1);
      },
      ArrowUp: () => {
        move(-1);
      },
      ArrowLeft: () => {
        moveColumn(-1);
      },
      ArrowRight: () => {
        moveColumn(1);
      },
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };

  const drawer = params.event && (
    <EventDrawer
      id={params.event}
      known={events.find((event) => event.id === params.event)}
      columns={columns.map((column) => column.name)}
      docked={wide}
      onToggleColumn={(name) => {
        setColumns(toggleColumn(columns, name));
      }}
      onFilter={filter}
      onClose={close}
      onShow={(id) => {
        change({ event: id }, true);
      }}
    />
  );

  return (
    <>
      <section className={`la-card ${css.results ?? ''}`} aria-label={t('results')} onKeyDown={onListKey} data-old={results.isPlaceholderData || undefined}>
        <div className={css.bar}>
          {onFields && (
            <Button size="compact-sm" variant="default" leftSection={<IconLayoutSidebar size={15} />} onClick={onFields}>
              {t('fields')}
            </Button>
          )}
          <Text size="sm" component="div" aria-live="polite" className="la-num">
            {total !== undefined && (
              <>
                <b>{t('found', { count: total, n: formatNumber(total, i18n.language) })}</b>
                {first && <span className="la-dim"> · {t('took', { ms: formatNumber(first.tookMs, i18n.language) })}</span>}
              </>
            )}
          </Text>
          <Group gap={6} ml="auto">
            <Button
              size="compact-sm"
              variant={tailing ? 'light' : 'default'}
              leftSection={<IconBroadcast size={15} />}
              aria-pressed={tailing}
              onClick={() => {
                setTail(!tailing);
              }}
            >
              {t('tail.button')}
            </Button>
            <Tooltip label={t(`order.${order}`)}>
              <ActionIcon aria-label={t(`order.${order}`)} onClick={turn}>
                {order === 'desc' ? <IconSortDescending size={18} /> : <IconSortAscending size={18} />}
              </ActionIcon>
            </Tooltip>
            {!small && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Tooltip label={t('density.label')}>
                    <ActionIcon aria-label={t('density.label')}>
                      <IconBaselineDensityMedium size={17} />
                    </ActionIcon>
                  </Tooltip>
                </Menu.Target>
                <Menu.Dropdown>
                  {densities.map((choice) => (
                    <Menu.Item
                      key={choice}
                      fw={choice === density ? 650 : 400}
                      onClick={() => {
                        setDensity(choice);
                      }}
                    >
                      {t(`density.${choice}`)}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
            )}
            <SegmentedControl
              size="xs"
              aria-label={t('view')}
              value={params.view ?? 'table'}
              onChange={(value) => {
                change({ view: value === 'json' ? 'json' : undefined }, true);
              }}
              data={[
                { value: 'table', label: t('table') },
                { value: 'json', label: t('json') },
              ]}
            />
            <ExportButton asked={asked} order={order} columns={exportColumns(columns)} total={total} />
          </Group>
        </div>
        {first?.partial && (
          <Text size="xs" px="sm" py={5} style={{ color: 'var(--la-high)' }} role="status">
            {t('partial')} {first.partial}
          </Text>
        )}
        {tailing && (
          <TailBar
            state={tail.state}
            follow={follow}
            top={top}
            onFollow={setFollow}
            onShow={showNew}
            onStop={() => {
              setTail(false);
            }}
            onRetry={tail.retry}
            onReload={() => {
              tail.caughtUp();
              state.again();
            }}
          />
        )}
        {list()}
      </section>
      {drawer}
    </>
  );

  function list() {
    if (results.error && !results.data) return <SearchFailure error={results.error} onRetry={state.again} onRange={state.setRange} />;
    if (results.isPending && results.isPaused) return <Offline />;
    if (results.isPending) return <Rows count={14} />;
    if (events.length === 0 && tailing) return <EmptyState icon={<IconBroadcast size={34} />} title={t('tail.none')} text={t('tail.noneText')} />;
    if (events.length === 0) return <NothingFound asked={asked} onRange={state.setRange} onQuery={state.submit} />;
    const shared = {
      events,
      active,
      onOpen: open,
      onEnd: () => {
        if (results.hasNextPage && !results.isFetchingNextPage) void results.fetchNextPage();
      },
      onTop: setTop,
      showings,
      loading: results.isFetchingNextPage,
    };
    if (params.view === 'json') return <JsonList {...shared} />;
    return (
      <ResultTable
        {...shared}
        columns={columns}
        onColumns={setColumns}
        activeColumn={Math.min(activeColumn, columns.length - 1)}
        order={order}
        onOrder={turn}
        onFilter={filter}
        openId={params.event}
        density={density}
        compact={small}
        fresh={fresh}
      />
    );
  }
}
