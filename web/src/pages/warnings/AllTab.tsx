import { Text } from '@mantine/core';
import { IconSpeakerphone } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Warning, warningsQuery } from '../../api/warningQueries';
import { DrillMark } from '../../kit/Drill';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { Badge, LevelBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { Ago } from '../../ui/Time';
import { WarningState } from './marks';

const route = getRouteApi('/warnings');
const states = ['draft', 'review', 'published', 'closed', 'withdrawn'] as const;
type State = (typeof states)[number];

/** Every warning of the centre with how far its copies are. */
export function AllTab() {
  const { t } = useTranslation('warnings');
  const { state, q, drill } = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const chosen = states.find((name) => name === state);
  const query = useInfiniteQuery(warningsQuery({ state: chosen, q, drill: drill === '1' }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const set = (next: Record<string, string | undefined>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const columns = useMemo<Column<Warning>[]>(
    () => [
      {
        id: 'name',
        name: t('name'),
        main: true,
        cell: (w) => (w.code === '' ? w.title : `${w.code} · ${w.title}`),
        under: (w) => w.drill && <DrillMark />,
      },
      { id: 'severity', name: t('severity'), cell: (w) => <LevelBadge level={w.severity} />, from: 'sm' },
      { id: 'kind', name: t('kind'), cell: (w) => t(`kinds.${w.kind}`), from: 'md' },
      { id: 'state', name: t('state'), cell: (w) => <WarningState state={w.state} /> },
      {
        id: 'progress',
        name: t('progress'),
        from: 'sm',
        cell: (w) =>
          w.tally.sent > 0 && (
            <>
              <Text size="xs">{t('progressText', { ...w.tally })}</Text>
              {w.tally.late > 0 && <Badge tone="high">{t('late', { count: w.tally.late })}</Badge>}
              {w.tally.needHelp > 0 && <Badge tone="high">{t('help', { count: w.tally.needHelp })}</Badge>}
            </>
          ),
      },
      { id: 'changed', name: t('changed'), cell: (w) => <Ago at={w.changedAt} />, from: 'lg' },
    ],
    [t],
  );
  return (
    <List<Warning>
      label={t('tab.all')}
      items={items}
      id={(w) => w.id}
      name={(w) => w.title}
      columns={columns}
      query={query}
      page={(w) => `/warnings/${w.id}`}
      onOpen={(id) => {
        if (id !== undefined) void go({ to: '/warnings/$id', params: { id } });
      }}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      filters={
        <>
          <FilterText
            value={q}
            placeholder={t('find')}
            onChange={(text) => {
              set({ q: text });
            }}
          />
          <FilterChips<State>
            label={t('state')}
            values={states}
            chosen={chosen ? [chosen] : []}
            single
            name={(value) => t(`states.${value}`)}
            onChange={([next]) => {
              set({ state: next });
            }}
          />
          <FilterChips
            label={t('drill')}
            values={['1']}
            chosen={drill === '1' ? ['1'] : []}
            single
            name={() => t('drills')}
            onChange={([next]) => {
              set({ drill: next });
            }}
          />
        </>
      }
      filtered={chosen !== undefined || q !== undefined || drill === '1'}
      onClear={() => {
        set({ state: undefined, q: undefined, drill: undefined });
      }}
      empty={
        <EmptyState icon={<IconSpeakerphone size={34} />} title={t('nobody')} text={t('nobodyText')} steps={[t('step1'), t('step2'), t('step3')]}>
          <LinkButton to="/warnings/new" size="xs">
            {t('new')}
          </LinkButton>
        </EmptyState>
      }
    />
  );
}
